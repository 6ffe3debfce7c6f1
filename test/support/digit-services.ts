import type { ReceivedRequest, ServiceAnswer } from './outside-service.ts';

// biome-ignore lint/suspicious/noExplicitAny: whatever a client sent.
type Data = any;

/** The name of a link in a request and of the list in a search's answer, by its path under the project service. */
const linkNames: Readonly<Record<string, readonly [one: string, many: string]>> = {
  facility: ['ProjectFacility', 'ProjectFacilities'],
  staff: ['ProjectStaff', 'ProjectStaff'],
  resource: ['ProjectResource', 'ProjectResources'],
};

const accepted = (body: object): ServiceAnswer => ({
  status: 202,
  body: { ResponseInfo: { status: 'successful' }, ...body },
});
const found = (body: object): ServiceAnswer => ({
  status: 200,
  body: { ResponseInfo: { status: 'successful' }, ...body },
});
const refused = (code: string, message: string): ServiceAnswer => ({
  status: 400,
  body: { ResponseInfo: null, Errors: [{ code, message }] },
});

/** As much of DIGIT's facility, employee and project services as its clients can see: names, nesting, refusals. */
export class DigitServices {
  readonly facilities: Data[] = [];
  readonly employees: Data[] = [];
  readonly links: Data[] = [];
  /** Ids of projects by boundary code. */
  readonly projects = new Map<string, string>();
  /** How employees that exist are refused: with their whole request, or each for itself in the answer. */
  refusal: 'whole' | 'by row' = 'by row';
  readonly #referenceId: string;
  #created = 0;

  constructor(referenceId: string) {
    this.#referenceId = referenceId;
  }

  readonly handle = ({ path, body, query }: ReceivedRequest): ServiceAnswer => {
    if (body.RequestInfo?.authToken === undefined) return { status: 401 };
    const [, service, ...rest] = path.split('/');
    const action = rest.at(-1) ?? '';
    if (service === 'facility') return action === '_create' ? this.#createFacility(body) : this.#findFacilities(body);
    if (service === 'egov-hrms') return action === '_create' ? this.#createEmployees(body) : this.#findEmployees(query);
    return rest[0] === 'v1' ? this.#findProjects(body) : this.#link(rest[0] ?? '', action, body);
  };

  /** An employee as the service keeps it. */
  employee(sent: Data): Data {
    return { ...sent, uuid: `person-${sent.code}`, user: { ...sent.user, userServiceUuid: `user-${sent.code}` } };
  }

  #createFacility({ Facility }: Data): ServiceAnswer {
    const facility = { ...Facility, id: `F-${this.facilities.length + 1}` };
    this.facilities.push(facility);
    return accepted({ Facility: facility });
  }

  #findFacilities({ Facility }: Data): ServiceAnswer {
    const matching = this.facilities.filter((one) => Facility.clientReferenceId.includes(one.clientReferenceId));
    return found({ Facilities: matching, TotalCount: matching.length });
  }

  #createEmployees({ Employees }: Data): ServiceAnswer {
    const known = Employees.filter((sent: Data) => this.#knows(sent));
    if (known.length > 0 && this.refusal === 'whole') return refused('ERR_HRMS_USER_EXIST_MOB', 'User already exists');
    const created = Employees.filter((sent: Data) => !known.includes(sent)).map((sent: Data) => this.employee(sent));
    this.employees.push(...created);
    const Errors = known.map(({ code }: Data) => ({
      code,
      errorCode: 'HRMS_EMPLOYEE_CREATE_USERNAME_ALREADY_EXISTS',
      errorMessage: 'already exists',
    }));
    return accepted({ Employees: created, Errors });
  }

  #knows({ code, user }: Data): boolean {
    return this.employees.some((one) => one.code === code || one.user.mobileNumber === user.mobileNumber);
  }

  #findEmployees(query: URLSearchParams): ServiceAnswer {
    const codes = query.get('codes')?.split(',') ?? [];
    const phone = query.get('phone');
    const Employees = this.employees.filter((one) => codes.includes(one.code) || one.user.mobileNumber === phone);
    return found({ Employees });
  }

  #findProjects({ Projects }: Data): ServiceAnswer {
    const sought = Projects.filter((one: Data) => one.referenceID === this.#referenceId);
    const codes = sought.map((one: Data) => one.address.boundary).filter((code: string) => this.projects.has(code));
    return found({
      Project: codes.map((boundary: string) => ({ id: this.projects.get(boundary), address: { boundary } })),
    });
  }

  #link(kind: string, action: string, body: Data): ServiceAnswer {
    const [one, many] = linkNames[kind] ?? ['', ''];
    const link = body[one];
    if (action === '_search')
      return found({ [many]: this.links.filter((each) => link.projectId.includes(each.projectId)) });
    return action === '_create' ? this.#createLink(one, link) : this.#deleteLink(one, link);
  }

  #createLink(name: string, link: Data): ServiceAnswer {
    const thing = (each: Data) =>
      [each.projectId, each.facilityId, each.userId, each.resource?.productVariantId].join('|');
    if (this.links.some((each) => thing(each) === thing(link))) return refused('DUPLICATE_ENTITY', 'Duplicate entity');
    const created = { ...link, id: `L-${++this.#created}`, rowVersion: 1 };
    this.links.push(created);
    return accepted({ [name]: created });
  }

  #deleteLink(name: string, link: Data): ServiceAnswer {
    const index = this.links.findIndex((each) => each.id === link.id);
    if (index < 0) return refused('NON_EXISTENT_ENTITY', 'Entity does not exist');
    if (this.links[index]?.rowVersion !== link.rowVersion)
      return refused('MISMATCHED_ROW_VERSION', 'Row version mismatch');
    this.links.splice(index, 1);
    return accepted({ [name]: { ...link, isDeleted: true } });
  }
}

import type { ControlTable, ItemKey } from './control-table.ts';

/** One of the calls that a service may be sent at a time. Times are milliseconds since 1970. */
export interface ServicePlace {
  readonly index: number;
  /** Who has it; absent while it is free. */
  readonly lease?: string;
  /** When the lease ends by itself. */
  readonly until: number;
  /** When the place's next call is due in a steady flow. */
  readonly flow: number;
}

/** The places of services outside in the control table, which all functions share: PK `SERVICE#name`, SK `PLACE#index`. */
export class ServicePlaces {
  private readonly control: ControlTable;

  constructor(control: ControlTable) {
    this.control = control;
  }

  /** The places that were ever taken, and until when the service is to be left alone. */
  async read(service: string): Promise<{ readonly places: ServicePlace[]; readonly pausedUntil: number }> {
    const places: ServicePlace[] = [];
    let pausedUntil = 0;
    for await (const items of this.control.list<Omit<ServicePlace, 'index'> & ItemKey>(partition(service))) {
      for (const { sk, lease, until, flow } of items) {
        if (sk === pauseKey) pausedUntil = until;
        else places.push({ index: Number(sk.slice(placePrefix.length)), until, flow, ...(lease && { lease }) });
      }
    }
    return { places, pausedUntil };
  }

  /** Takes a place; false when somebody else was faster. */
  take(service: string, seen: ServicePlace, taken: Required<ServicePlace>): Promise<boolean> {
    const { lease, until, flow } = taken;
    return this.control.change(placeKey(service, seen.index), {
      set: { lease, until, flow },
      when: { lease: seen.lease },
    });
  }

  /** Gives a place back; one that went to somebody else meanwhile stays theirs. */
  async free(service: string, { index, lease, flow }: Required<ServicePlace>): Promise<void> {
    await this.control.change(placeKey(service, index), { set: { flow }, remove: ['lease'], when: { lease } });
  }

  async pause(service: string, until: number): Promise<void> {
    await this.control.put({ pk: partition(service), sk: pauseKey, until });
  }
}

const placePrefix = 'PLACE#';
const pauseKey = 'PAUSE';

function partition(service: string): string {
  return `SERVICE#${service}`;
}

function placeKey(service: string, index: number): ItemKey {
  return { pk: partition(service), sk: `${placePrefix}${String(index).padStart(4, '0')}` };
}

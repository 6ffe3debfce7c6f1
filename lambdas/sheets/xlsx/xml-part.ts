import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from 'saxes';
import { maxRecordBytes } from '../sheet.ts';
import { SheetError } from '../sheet-error.ts';

export type XmlAttributes = Record<string, SaxesAttributeNS>;

/** What is told of a part: only elements of the namespaces asked for, and only inside such elements. */
export interface XmlHandler {
  open(name: string, attributes: XmlAttributes): void;
  close?(name: string): void;
  text?(text: string): void;
}

/** Transitional and strict spelling of the spreadsheet namespace. */
export const spreadsheetNamespaces: ReadonlySet<string> = new Set([
  'http://schemas.openxmlformats.org/spreadsheetml/2006/main',
  'http://purl.oclc.org/ooxml/spreadsheetml/main',
]);

const deepest = 64;

/** Reads a part to its end. */
export async function readXml(
  name: string,
  bytes: AsyncIterable<Buffer>,
  namespaces: ReadonlySet<string>,
  handler: XmlHandler,
): Promise<void> {
  const parser = new XmlPartParser(name, namespaces, handler);
  for await (const chunk of bytes) parser.add(chunk);
  parser.end();
}

/**
 * A parser of one part that is fed piece by piece. It refuses what no spreadsheet program writes and only an attacker
 * needs: document types (and so entities), deep nesting, endless text or attributes.
 */
export class XmlPartParser {
  readonly #name: string;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  readonly #parser = new SaxesParser({ xmlns: true, position: false });
  readonly #namespaces: ReadonlySet<string>;
  readonly #handler: XmlHandler;
  #depth = 0;
  /** Depth of the outermost foreign element the parser is in; 0 outside of such. */
  #foreignDepth = 0;
  #bytesSinceEvent = 0;

  constructor(name: string, namespaces: ReadonlySet<string>, handler: XmlHandler) {
    this.#name = name;
    this.#namespaces = namespaces;
    this.#handler = handler;
    this.#parser.on('opentag', (tag) => this.#open(tag));
    this.#parser.on('closetag', (tag) => this.#close(tag));
    if (handler.text) this.#parser.on('text', (text) => this.#text(text));
    if (handler.text) this.#parser.on('cdata', (text) => this.#text(text));
    this.#parser.on('doctype', () => {
      throw this.#broken('it declares a document type');
    });
    this.#parser.on('error', (error) => {
      throw this.#broken(error.message, error);
    });
  }

  add(chunk: Buffer): void {
    this.#bytesSinceEvent += chunk.length;
    if (this.#bytesSinceEvent > 2 * maxRecordBytes) throw this.#broken('a single text or tag has more than 1 MiB');
    this.#parser.write(this.#decoded(chunk));
  }

  /** @throws SheetError if the XML isn't complete. */
  end(): void {
    this.#parser.write(this.#decoded());
    this.#parser.close();
  }

  #decoded(chunk?: Buffer): string {
    try {
      return chunk ? this.#decoder.decode(chunk, { stream: true }) : this.#decoder.decode();
    } catch (error) {
      throw this.#broken('it is not UTF-8', error);
    }
  }

  #open(tag: SaxesTagNS): void {
    this.#bytesSinceEvent = 0;
    this.#depth += 1;
    if (this.#depth > deepest) throw this.#broken('it is nested too deeply');
    if (this.#foreignDepth > 0) return;
    if (this.#namespaces.has(tag.uri)) this.#handler.open(tag.local, tag.attributes);
    else this.#foreignDepth = this.#depth;
  }

  #close(tag: SaxesTagNS): void {
    this.#bytesSinceEvent = 0;
    if (this.#foreignDepth === 0) this.#handler.close?.(tag.local);
    if (this.#foreignDepth === this.#depth) this.#foreignDepth = 0;
    this.#depth -= 1;
  }

  #text(text: string): void {
    this.#bytesSinceEvent = 0;
    if (this.#foreignDepth === 0) this.#handler.text?.(text);
  }

  #broken(reason: string, cause?: unknown): SheetError {
    return new SheetError(
      'broken_xlsx',
      `The workbook is damaged (${this.#name}: ${reason}). Save it anew and upload it again.`,
      {
        cause,
      },
    );
  }
}

/**
 * Keeps memory in dynoxide's hands: its writes take little more than half the time with it.
 *
 * The program is linked with musl, whose allocator keeps blocks of about one size in groups of up to 32 and gives a
 * group back to the system when its last block is free. Each statement asks for groups anew so, and the calls to the
 * system take nearly as long as all else. A group stays where one of its blocks stays in use. A request of which the body
 * does not come holds a block for each of its headers' names, of just the name's length.
 */
import { connect, type Socket } from 'node:net';

/** What statements ask for most: the bytes of a block, and for how many more beside the held one a group shall have room. */
const blocks = [
  { bytes: 180, room: 12 },
  { bytes: 490, room: 14 },
  { bytes: 560, room: 16 },
  { bytes: 640, room: 72 },
  { bytes: 780, room: 18 },
  { bytes: 950, room: 18 },
  { bytes: 1_100, room: 18 },
  { bytes: 1_300, room: 16 },
  { bytes: 1_600, room: 4 },
  { bytes: 2_000, room: 4 },
  { bytes: 2_300, room: 4 },
  { bytes: 2_600, room: 4 },
  { bytes: 3_200, room: 6 },
  { bytes: 4_000, room: 3 },
  { bytes: 8_000, room: 2 },
  { bytes: 35_000, room: 1 },
];

/** A block is held for each group, */
const heldOfGroup = blocks.map(({ bytes }) => bytes);
/** and as many as it shall have room for are let go again. */
const roomOfGroup = blocks.flatMap(({ bytes, room }) => Array<number>(room).fill(bytes));

/** A request may have a hundred headers. */
const namesARequest = 80;

/** Enough for calls of 25 statements; twice as many gain next to nothing. */
const groups = 16;

export interface HeldMemory {
  /** Before the program is asked to end: it might wait for requests that never end. */
  release(): void;
}

/** @throws when the program does not take such requests */
export async function holdMemory(port: number): Promise<HeldMemory> {
  const held: Socket[] = [];
  const room: Socket[] = [];
  const release = (sockets: Socket[]) => sockets.forEach((socket) => void socket.destroy());
  try {
    // One after the other: the allocator fills its groups in this order.
    for (let group = 0; group < groups; group++) {
      held.push(await requestHolding(port, heldOfGroup));
      for (let first = 0; first < roomOfGroup.length; first += namesARequest) {
        room.push(await requestHolding(port, roomOfGroup.slice(first, first + namesARequest)));
      }
    }
  } catch (error) {
    release(held);
    throw error;
  } finally {
    release(room);
  }
  return { release: () => release(held) };
}

/** Resolves when the server has read the headers, which it says by asking for the body. */
function requestHolding(port: number, nameLengths: readonly number[]): Promise<Socket> {
  const names = nameLengths.map((length, index) => String(index).padStart(length, 'x'));
  const head = ['POST / HTTP/1.1', 'Host: localhost', 'Expect: 100-continue', 'Content-Length: 1'];
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.unref();
    // Later on, a lost connection holds nothing any more, and that the program has ended is told elsewhere.
    socket.on('error', reject);
    socket.once('close', () => reject(new Error('dynoxide ended the connection of a request that waits.')));
    socket.once('data', (answer: Buffer) => {
      if (answer.toString().startsWith('HTTP/1.1 100 ')) resolve(socket);
      else socket.destroy(new Error(`dynoxide answered a request that waits: ${answer.toString().split('\r\n')[0]}`));
    });
    socket.write(`${[...head, ...names.map((name) => `${name}: held`)].join('\r\n')}\r\n\r\n`);
  });
}

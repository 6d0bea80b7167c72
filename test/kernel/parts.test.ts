// Servers, buffers, sums, the clock and the checker, each by itself.

import { afterEach, describe, expect, it, vi } from 'vitest';
import { FarEvents } from '../../src/kernel/far-events.js';
import {
  Buffers,
  EventQueue,
  ExactSums,
  InvariantChecker,
  InvariantError,
  Servers,
  Simulator,
  compiled,
  mapped,
  type Observer,
} from '../../src/kernel/index.js';

/** An observer that writes down what it sees. */
function recorder(): { seen: unknown[][]; observer: Observer } {
  const seen: unknown[][] = [];
  const note =
    (what: string) =>
    (...values: number[]): void => {
      seen.push([what, ...values]);
    };
  return {
    seen,
    observer: {
      event: note('event'),
      service: (server, client, { start, release, finish }) =>
        seen.push(['service', server, client, start, release, finish]),
      level: note('level'),
    },
  };
}

describe('servers', () => {
  it('take clients first come, first served, an interval apart', () => {
    const servers = new Servers(2);
    expect(servers.count).toBe(2);
    expect([servers.request(0, 5, 10), servers.request(0, 7, 3), servers.request(1, 7, 0)]).toEqual([5, 15, 7]);
    expect([servers.busyFor(0, 7), servers.busyFor(0, 18), servers.busyFor(0, 20)]).toEqual([11, 0, 0]);
    expect(servers.request(0, 18, 4)).toBe(18);
  });

  it('follow a rebase; what is over stays over', () => {
    const servers = new Servers(2);
    servers.request(0, 5, 10);
    servers.request(1, 0, 2);
    servers.shift(8);
    expect([servers.busyFor(0, 0), servers.busyFor(1, 0), servers.request(1, 0, 1)]).toEqual([7, 0, 0]);
  });
});

describe('buffers', () => {
  it('reserve, publish, release: room, levels, peak and area', () => {
    const { seen, observer } = recorder();
    const buffers = new Buffers([2, Infinity], observer);
    expect(buffers.count).toBe(2);
    buffers.reserve(0, 0);
    buffers.reserve(0, 0);
    expect([buffers.hasRoom(0), buffers.hasRoom(1), buffers.reserved(0), buffers.readable(0)]).toEqual([
      false,
      true,
      2,
      0,
    ]);
    buffers.publish(0, 10);
    buffers.publish(0, 14);
    // Two for no time: no peak yet.
    expect(buffers.peak(0)).toBe(1);
    buffers.release(0, 20);
    expect([buffers.hasRoom(0), buffers.reserved(0), buffers.readable(0)]).toEqual([true, 1, 1]);
    expect(buffers.peak(0)).toBe(2);
    buffers.settle(25);
    expect(buffers.peak(0)).toBe(2);
    expect([buffers.takeArea(0), buffers.takeArea(0), buffers.takeArea(1)]).toEqual([4n + 12n + 5n, 0n, 0n]);
    expect(seen).toEqual([
      ['level', 0, 0, 1, 0],
      ['level', 0, 0, 2, 0],
      ['level', 0, 10, 2, 1],
      ['level', 0, 14, 2, 2],
      ['level', 0, 20, 1, 1],
    ]);
  });

  it('states that last no time do not count', () => {
    const buffers = new Buffers([5]);
    for (let i = 0; i < 3; i++) {
      buffers.reserve(0, 4);
      buffers.publish(0, 4);
    }
    buffers.release(0, 4);
    buffers.release(0, 4);
    buffers.settle(6);
    expect([buffers.peak(0), buffers.takeArea(0)]).toEqual([1, 2n]);
  });

  it('areas stay exact beyond 2^53, and follow a rebase', () => {
    const buffers = new Buffers([5]);
    for (let i = 0; i < 3; i++) {
      buffers.reserve(0, 0);
      buffers.publish(0, 0);
    }
    const most = 2 ** 52 - 1;
    buffers.settle(most);
    buffers.shift(most);
    buffers.settle(most);
    buffers.shift(most);
    buffers.settle(1);
    expect(buffers.takeArea(0)).toBe(6n * BigInt(most) + 3n);
    buffers.settle(3);
    expect(buffers.takeArea(0)).toBe(6n);
  });

  it('an area of 2^53 - 1 is the last that doubles hold', () => {
    const buffers = new Buffers([5]);
    buffers.reserve(0, 0);
    buffers.publish(0, 0);
    buffers.settle(Number.MAX_SAFE_INTEGER);
    expect(buffers.takeArea(0)).toBe(2n ** 53n - 1n);
  });

  it('a release of what nobody published is a fault of ours', () => {
    const buffers = new Buffers([1]);
    buffers.reserve(0, 0);
    expect(() => {
      buffers.release(0, 1);
    }).toThrow(new InvariantError('buffer 0 released an entry that nobody published'));
  });
});

describe('exact sums', () => {
  it('add, flush, repeat', () => {
    const sums = new ExactSums(2);
    sums.add(0, 3);
    sums.addExact(0, 2n ** 60n);
    expect(sums.total(0)).toBe(2n ** 60n + 3n);
    const before = sums.snapshot();
    expect(before).toEqual([2n ** 60n + 3n, 0n]);
    sums.add(0, 5);
    sums.add(1, -2);
    sums.repeatSince(before, 10n);
    expect(sums.snapshot()).toEqual([2n ** 60n + 58n, -22n]);
    sums.add(1, 22);
    sums.flush();
    expect([sums.total(0), sums.total(1)]).toEqual([2n ** 60n + 58n, 0n]);
  });
});

describe('the clock', () => {
  const END = 2 ** 52;

  it('dispatches in order, counts events, tells its observer', () => {
    const { seen, observer } = recorder();
    const simulator = new Simulator(observer);
    simulator.schedule(5, 1, 1, 10);
    simulator.schedule(5, 0, 2, 20);
    simulator.scheduleAt(3, 0, 3, 30);
    expect(simulator.scheduled).toBe(3);
    expect(simulator.pending()).toEqual([
      [3, 0, 3, 30],
      [5, 0, 2, 20],
      [5, 1, 1, 10],
    ]);
    const order: number[][] = [];
    simulator.run((code, argument) => order.push([simulator.now, code, argument]));
    expect(order).toEqual([
      [3, 3, 30],
      [5, 2, 20],
      [5, 1, 10],
    ]);
    expect([simulator.events, simulator.scheduled, simulator.time]).toEqual([3, 0, 5n]);
    expect(seen).toEqual([3, 5, 5].map((time) => ['event', time]));
  });

  it('stops: what is pending is dropped', () => {
    const simulator = new Simulator();
    for (const delay of [1, 2, 3]) simulator.schedule(delay, 0, delay, 0);
    simulator.run(() => {
      simulator.stop();
    });
    expect([simulator.events, simulator.scheduled, simulator.now]).toEqual([1, 0, 1]);
  });

  it('advances, leaps, moves its origin', () => {
    const simulator = new Simulator();
    simulator.advance(100);
    simulator.advance(100);
    simulator.schedule(7, 0, 1, 2);
    expect(simulator.rebase()).toBe(100);
    expect([simulator.now, simulator.time]).toEqual([0, 100n]);
    expect(simulator.pending()).toEqual([[7, 0, 1, 2]]);
    simulator.leap(2n ** 70n);
    expect([simulator.now, simulator.time]).toEqual([0, 2n ** 70n + 100n]);
    simulator.advance(4);
    expect(simulator.pending()).toEqual([[3, 0, 1, 2]]);
    expect(() => {
      simulator.advance(3);
    }).toThrow(new InvariantError('clock moved to 3, now 4'));
    expect(() => {
      simulator.advance(NaN);
    }).toThrow(InvariantError);
  });

  it('reaches 2^52 and no further', () => {
    const simulator = new Simulator();
    simulator.schedule(END, 0, 0, 0);
    simulator.scheduleAt(END, 0, 0, 0);
    expect(() => {
      simulator.schedule(END + 1, 0, 0, 0);
    }).toThrow(`event scheduled ${END + 1} ticks from 0, expected a whole number of ticks, at most up to ${END}`);
    simulator.advance(10);
    simulator.scheduleAt(10, 0, 0, 0);
    for (const time of [9, END + 1, NaN])
      expect(() => {
        simulator.scheduleAt(time, 0, 0, 0);
      }).toThrow(new InvariantError(`event scheduled at ${time}, expected from 10 to ${END}`));
    expect(simulator.scheduled).toBe(3);
  });
});

describe('the checker of invariants', () => {
  const checker = (): InvariantChecker => new InvariantChecker((buffer) => buffer + 1);
  const broken = (use: (one: InvariantChecker) => void): string => {
    try {
      use(checker());
    } catch (error) {
      expect(error).toBeInstanceOf(InvariantError);
      return (error as Error).message.split(':')[0]!;
    }
    return 'kept';
  };

  it.each<[string, (one: InvariantChecker) => void]>([
    [
      'kept',
      (one) => {
        one.event(5);
        one.event(5);
        one.service(0, 1, { start: 5, release: 5, finish: 5 });
        one.service(0, 2, { start: 5, release: 8, finish: 9 });
        one.service(1, 2, { start: 6, release: 7, finish: 9 });
        one.service(0, 3, { start: 8, release: 9, finish: 8 });
        one.level(0, 5, 1, 1);
        one.level(1, 6, 2, 0);
        expect([one.events, one.services]).toEqual([2, 4]);
      },
    ],
    [
      'nothing in the past',
      (one) => {
        one.event(5);
        one.event(4);
      },
    ],
    [
      'integer ticks',
      (one) => {
        one.event(0.5);
      },
    ],
    [
      'one client at a time',
      (one) => {
        one.service(0, 1, { start: 0, release: 5, finish: 5 });
        one.service(0, 1, { start: 4, release: 9, finish: 9 });
      },
    ],
    [
      'services run forward',
      (one) => {
        one.event(5);
        one.service(0, 1, { start: 4, release: 6, finish: 6 });
      },
    ],
    [
      'services run forward',
      (one) => {
        one.service(0, 1, { start: 4, release: 3, finish: 6 });
      },
    ],
    [
      'services run forward',
      (one) => {
        one.service(0, 1, { start: 4, release: 6, finish: 3 });
      },
    ],
    [
      'nothing in the past',
      (one) => {
        one.event(5);
        one.level(0, 4, 0, 0);
      },
    ],
    [
      'tokens conserved',
      (one) => {
        one.level(0, 0, 0, -1);
      },
    ],
    [
      'tokens conserved',
      (one) => {
        one.level(4, 0, 1, 2);
      },
    ],
    [
      'capacity kept',
      (one) => {
        one.level(1, 0, 3, 0);
      },
    ],
    [
      'one client at a time',
      (one) => {
        one.event(10);
        one.service(0, 1, { start: 10, release: 20, finish: 20 });
        one.rebase(8);
        one.event(2);
        one.service(0, 1, { start: 11, release: 12, finish: 12 });
      },
    ],
    [
      'kept',
      (one) => {
        one.event(10);
        one.service(0, 1, { start: 10, release: 20, finish: 20 });
        one.service(1, 1, { start: 10, release: 11, finish: 20 });
        one.rebase(15);
        one.service(0, 1, { start: 5, release: 12, finish: 12 });
        one.service(1, 1, { start: 0, release: 12, finish: 12 });
      },
    ],
  ])('%s', (words, use) => {
    expect(broken(use)).toBe(words);
  });
});

describe('queues', () => {
  it.each([EventQueue, FarEvents])('an empty one has nothing to take', (Queue) => {
    const queue = new Queue();
    expect([queue.pop(), queue.size, queue.pending()]).toEqual([false, 0, []]);
    queue.push(3, -1, 4, 5);
    queue.shift(1);
    expect(queue.pending()).toEqual([[2, -1, 4, 5]]);
    expect(queue.pop()).toBe(true);
    expect([queue.time, queue.priority, queue.code, queue.argument, queue.size]).toEqual([2, -1, 4, 5, 0]);
    expect(queue.pop()).toBe(false);
  });

  it('far events keep the earliest in front', () => {
    const far = new FarEvents(1);
    for (const time of [9, 4, 7, 4, 1]) far.push(time, 0, 0, 0);
    expect([far.firstTime, far.size]).toEqual([1, 5]);
  });

  it('mapped is map', () => {
    expect(mapped(['a', 'b'], (item, index) => `${item}${index}`)).toEqual(['a0', 'b1']);
  });
});

describe('modules and memory from elsewhere', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });
  /** One that exports `two`, a function that returns 2. */
  const module = 'AGFzbQEAAAABBQFgAAF/AwIBAAcHAQN0d28AAAoGAQQAQQIL';

  it('a compiled module has exports', () => {
    expect(compiled(module)?.two).toBeInstanceOf(Function);
  });

  it('there is none of what is no module, or the engine has no WebAssembly', () => {
    expect(compiled('no module')).toBeUndefined();
    vi.stubGlobal('WebAssembly', undefined);
    expect(compiled(module)).toBeUndefined();
  });

  it('servers may keep their times elsewhere', () => {
    const freeAt = Float64Array.of(4);
    expect(new Servers(1, freeAt).request(0, 1, 3)).toBe(4);
    expect([...freeAt]).toEqual([7]);
  });
});

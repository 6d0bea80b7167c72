// What a plug-in can watch of a simulation. A run without an observer pays one null test for each hook.

/** Hooks of a plug-in; ticks are integers. Servers, clients and buffers are named by their index. */
export interface Observer {
  /** An event is about to be dispatched. */
  event(time: number): void;
  /** A client occupies `server` from `start` until `release`; its result is there at `finish`. */
  service(server: number, client: number, start: number, release: number, finish: number): void;
  /** The content of `buffer` changed: `reserved` entries are taken, `readable` of them hold a finished token. */
  level(buffer: number, time: number, reserved: number, readable: number): void;
}

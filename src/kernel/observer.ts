// What a plug-in can watch of a simulation. A run without an observer pays one null test for each hook.

/** A client occupies a server from `start` until `release`; its result is there at `finish`. */
export interface ServiceTimes {
  readonly start: number;
  readonly release: number;
  readonly finish: number;
  /**
   * Place of the server in the chain that the client passes, from 0: a chain may pass a server twice. Programs that do
   * not ask for it leave it out.
   */
  readonly step?: number;
}

/** Hooks of a plug-in; ticks are integers. Servers, clients and buffers are named by their index. */
export interface Observer {
  /** An event is about to be dispatched. */
  event(time: number): void;
  /** A client occupies a server. */
  service(server: number, client: number, times: ServiceTimes): void;
  /** The content of `buffer` changed: `reserved` entries are taken, `readable` of them hold a finished token. */
  level(buffer: number, time: number, reserved: number, readable: number): void;
}

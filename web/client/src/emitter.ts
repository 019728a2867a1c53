/** Takes a subscription back. */
export type Unsubscribe = () => void;

// Which events have which arguments is checked where they are used.
type Listener = (...args: any[]) => void;

/** Events by name, with the arguments that their listeners get. */
export class Emitter<Events extends Record<string, unknown[]>> {
  #listeners = new Map<keyof Events, Set<Listener>>();

  /** Calls listener at each event, until the returned function is called. */
  on<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): Unsubscribe {
    let set = this.#listeners.get(name);
    if (!set) this.#listeners.set(name, (set = new Set()));
    set.add(listener);
    return () => set.delete(listener);
  }

  /** Whether anybody listens: what nobody hears need not be worked out. */
  protected heard(name: keyof Events): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  protected emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    const set = this.#listeners.get(name);
    if (!set) return;
    for (const listener of set) listener(...args);
  }
}

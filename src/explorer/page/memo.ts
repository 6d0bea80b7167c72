// Parts of the page that are drawn again only when what they show has changed.

import { Component, createElement, type ComponentChild, type VNode } from 'preact';

/**
 * The part, drawn again only where one of its properties is another. Elements that are kept from one drawing to the
 * next would each hold the drawing that made them, and that one the elements kept then, without end.
 */
export function memo<P extends object>(part: (props: P) => VNode | null) {
  return class extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const now = new Map<string, unknown>(Object.entries(this.props));
      return Object.entries(next).some(([key, value]) => now.get(key) !== value);
    }

    override render(props: P): ComponentChild {
      return createElement(part, props);
    }
  };
}

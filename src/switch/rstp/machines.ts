/**
 * State machines as IEEE 802.1D-2004 §17.16 draws them. In each step of the whole a machine either does what its new state
 * says (and may be in the next state at once), or looks whether it leaves. So all machines of all ports proceed side by
 * side, and messages leave in Open vSwitch's order.
 */
export type MachineName =
  | 'receive'
  | 'bridgeDetection'
  | 'information'
  | 'roleTransition'
  | 'stateTransition'
  | 'topologyChange'
  | 'transmit'
  | 'migration'

/** Where a machine is; `isNew`: what the state says has not been done yet. */
export type Place = { state: string; isNew: boolean }
export type Machines = { readonly [M in MachineName]: Place }

export type State<P, S extends string> = {
  enter?: (port: P) => void
  /** The state that follows without a condition. */
  follow?: S
  next?: (port: P) => S | undefined
}
export type Machine<P, S extends string> = {
  /** A state that is gone to from any other. */
  always?: (port: P) => S | undefined
  states: { readonly [N in S]: State<P, S> }
}

/** Does one step; whether anything is to be done after it. */
export const step = <P, S extends string>(machine: Machine<P, S>, place: Place, port: P): boolean => {
  const forced = machine.always?.(port)
  if (forced !== undefined && !(place.isNew && place.state === forced)) return go(place, forced)
  const state = machine.states[place.state as S]
  if (place.isNew) {
    place.isNew = false
    state.enter?.(port)
    if (state.follow !== undefined) return go(place, state.follow)
    const next = state.next?.(port)
    if (next !== undefined) go(place, next)
    return true
  }
  const next = state.next?.(port)
  return next !== undefined && go(place, next)
}

const go = (place: Place, state: string): boolean => {
  place.state = state
  place.isNew = true
  return true
}

/** The network half of a machine, as src/host makes it: what the network commands configure. */
export interface Namespace {
  readonly name: string
}
export interface Kernel {
  readonly root: Namespace
}

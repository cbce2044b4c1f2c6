import { second, type VirtualClock } from '../../runtime/index.ts'
import type { Network as Outside } from '../../switch/agent/controllers.ts'
import type { Around } from './around.ts'
import { Box } from './box.ts'
import { type Drive, Interrupted } from './calls.ts'
import { type Choices, type TopoMaker, usualChoices } from './choices.ts'
import { argumentsOf, customClass, keysText, splitArgs } from './classes.ts'
import { MininetWithControlNet } from './control-net.ts'
import { type ControllerClass, MissingProgram } from './controller.ts'
import { exportJson } from './export.ts'
import { joinInternet } from './internet.ts'
import { LinkCapture } from './link-capture.ts'
import { LinkTraffic } from './link-traffic.ts'
import { Mininet } from './mininet.ts'
import type { MnOptions } from './options.ts'
import { type Level, levels, Output } from './output.ts'
import { Prompt } from './prompt.ts'
import { Topo } from './topo.ts'
import { untilConnected } from './wait-connected.ts'

/** What `mn` needs of the computer that it runs on. */
export type MnPlatform = Around & {
  /** Prints to stderr, where Mininet says what it does. */
  say(text: string): void
  /** The exports of a custom file; throws what makes it none. */
  load(path: string): Promise<Record<string, unknown>>
  /** Lets the prompt read lines until it is over. */
  interact(prompt: Prompt): Promise<void>
  /** Who lets time pass; without, it passes as fast as it can. */
  drive?(clock: VirtualClock): Drive
  /** Controllers that are not in the lab. */
  outside?(drive: Drive | undefined): Outside
  /** A file to write to, or why there is none. */
  create(path: string): { ok: true; write(bytes: Uint8Array): void; close(): void } | { ok: false; why: string }
  /** Told how to end what is waited for: by Ctrl-C. */
  onInterrupt(run: () => void): void
  /** Seconds of the computer's clock. */
  now(): number
  /** Reads a topology of a file. */
  readTopo(path: string): Promise<Topo<never[]>>
}

/** A custom file may check what `mn` was told, and throw. */
type Custom = Partial<Choices> & { validate?: (options: MnOptions) => unknown }

/** Spellings of tests that are methods in another one. */
const spellings: Readonly<Record<string, string>> = { pingall: 'pingAll', pingpair: 'pingPair', iperfudp: 'iperfUdp' }

/** `mn` with its options; the status. Mistakes are said in Mininet's words, and leave nothing behind. */
export const runMn = async (options: MnOptions, platform: MnPlatform): Promise<number> => {
  const output = new Output(options.verbosity as Level, text => platform.say(text))
  if (levels[output.level] > levels.output)
    output.warn(
      `*** WARNING: selected verbosity level (${options.verbosity}) will hide CLI output!\nPlease restart Mininet with -v [debug, info, output].\n`,
    )
  if (options.clean) {
    output.info('*** Cleanup complete.\n')
    return 0
  }
  if (options.cluster !== undefined) {
    output.error(options.innamespace ? 'Please specify --innamespace OR --cluster\n' : 'Weft does not do --cluster\n')
    return 1
  }
  const began = platform.now()
  const run = new Run(options, platform, output)
  try {
    await run.toEnd()
    output.info(`completed in ${(platform.now() - began).toFixed(3)} seconds\n`)
    return 0
  } catch (error) {
    return await run.failed(error)
  } finally {
    run.close()
  }
}

class Run {
  private readonly options: MnOptions
  private readonly platform: MnPlatform
  private readonly output: Output
  private readonly choices = usualChoices()
  private readonly results: { test: string; result: unknown }[] = []
  private capture: { recorder: LinkCapture; close(): void } | undefined
  private validate: Custom['validate']
  /** Who hears Ctrl-C while it reads lines. */
  private prompt: Prompt | undefined

  constructor(options: MnOptions, platform: MnPlatform, output: Output) {
    this.options = options
    this.platform = platform
    this.output = output
  }

  async toEnd(): Promise<void> {
    const { options, platform } = this
    for (const path of options.custom) await this.custom(path)
    const net = await this.make()
    platform.onInterrupt(() => (this.prompt ?? net.box.calls).interrupt())
    if (options.nat !== undefined) await this.addNat(net, options.nat)
    if (options.pre !== undefined) await this.script(net, options.pre)
    await net.start()
    const traffic = new LinkTraffic(net)
    if (options.test.length > 0) for (const words of options.test) await this.tests(net, words)
    else {
      this.output.info('*** Starting CLI:\n')
      // Whoever types takes longer than switches take to find their controllers.
      await net.box.calls.run(untilConnected(net.switches, net.box.clock, second))
      this.prompt = new Prompt(net, platform)
      await platform.interact(this.prompt)
      this.prompt = undefined
    }
    if (options.post !== undefined) await this.script(net, options.post)
    const exported = exportJson(net)
    const links = traffic.read().map((each, i) => ({ ...exported.links[i], traffic: each }))
    await net.stop()
    if (options.json) platform.print(`${JSON.stringify({ ...exported, links, tests: this.results }, null, 2)}\n`)
  }

  /** Says what went wrong, stops what runs. */
  async failed(error: unknown): Promise<number> {
    const { output } = this
    const interrupted = error instanceof Interrupted
    if (interrupted) output.info('\n\nKeyboard Interrupt. Shutting down and cleaning up...\n\n')
    else if (error instanceof MissingProgram) output.error(`${error.message}\n`)
    else {
      const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) }
      const line = '-'.repeat(80)
      const kind = name === 'Error' ? 'Exception' : name
      output.error(`${line}\nCaught exception. Cleaning up...\n\n${kind}: ${message}\n${line}\n`)
      if (error instanceof Error) output.debug(`${error.stack}\n`)
    }
    return interrupted ? 130 : 1
  }

  close(): void {
    this.capture?.recorder.stop()
    this.capture?.close()
    this.capture = undefined
  }

  private async custom(text: string): Promise<void> {
    const { platform, choices } = this
    const whole = platform.readFile(text) !== undefined
    for (const path of whole ? [text] : text.split(',')) {
      if (platform.readFile(path) === undefined) throw new Error(`could not find custom file: ${path}`)
      const given = (await platform.load(path)) as Custom
      for (const kind of Object.keys(choices) as (keyof Choices)[])
        Object.assign(choices[kind], entriesOf(path, kind, given[kind]))
      if (typeof given.validate === 'function') this.validate = given.validate
    }
  }

  private async topo(): Promise<Topo<never[]>> {
    const { options, choices, platform } = this
    if (options.topoFile !== undefined) return await platform.readTopo(options.topoFile)
    const words = splitArgs(options.topo)
    const maker = Object.hasOwn(choices.topos, words.name) ? choices.topos[words.name] : undefined
    if (maker === undefined) throw new Error(`Invalid topo name ${words.name}`)
    const topo = build(maker, argumentsOf(words, maker as { params?: readonly string[] }))
    if (topo instanceof Topo) return topo
    throw new TypeError(`topo ${words.name} gives no Topo`)
  }

  private async make(): Promise<Mininet> {
    const { options, choices, platform, output } = this
    const topo = await this.topo()
    const switchClass = customClass(choices.switches, options.switch)
    const host = customClass(choices.hosts, options.host)
    const words = options.controller.length === 0 ? ['default'] : options.controller
    const controller = words.map(each => customClass(choices.controllers, each)) as (ControllerClass | null)[]
    const link = customClass(
      choices.links,
      options.switch === 'user' && options.link === 'default' ? 'tcu' : options.link,
    )
    this.validate?.(options)
    const box = new Box({ seed: options.seed, output })
    const drive = platform.drive?.(box.clock)
    if (drive !== undefined) box.calls.drive = drive
    if (platform.outside !== undefined) box.network.outside = platform.outside(drive)
    const isTest = options.test.length > 0 && !(options.test.length === 1 && options.test[0] === 'none')
    const Net = options.innamespace ? MininetWithControlNet : Mininet
    const net = new Net({
      topo,
      switch: switchClass!,
      host: host!,
      controller,
      link: link!,
      ipBase: options.ipbase,
      inNamespace: options.innamespace,
      xterms: options.xterms,
      autoSetMacs: options.mac,
      autoStaticArp: options.arp,
      autoPinCpus: options.pin,
      waitConnected: isTest && typeof options.wait === 'boolean' ? true : options.wait,
      listenPort: options.nolistenport ? undefined : options.listenport,
      box,
    })
    if (options.pcap !== undefined) this.record(net, options.pcap)
    await net.build()
    return net
  }

  private record(net: Mininet, path: string): void {
    const file = this.platform.create(path)
    if (!file.ok) throw new Error(`${path}: ${file.why}`)
    this.capture = { recorder: new LinkCapture(net, bytes => file.write(bytes)), close: () => file.close() }
  }

  private async addNat(net: Mininet, text: string): Promise<void> {
    const { args, named } = splitArgs(`nat,${text}`)
    const names = args.map(String).filter(each => each !== '')
    joinInternet(net.box)
    const nat = await net.addNAT(names[0], named)
    await nat.configDefault()
  }

  private async script(net: Mininet, path: string): Promise<void> {
    this.output.info('*** Starting CLI:\n')
    this.prompt = new Prompt(net, { ...this.platform, interactive: false })
    await this.prompt.one(`source ${path}`)
    this.prompt = undefined
  }

  private async tests(net: Mininet, text: string): Promise<void> {
    for (const part of text.split('+')) {
      const words = splitArgs(part)
      const { tests } = this.choices
      const lower = words.name.toLowerCase()
      const own = Object.hasOwn(tests, words.name)
        ? tests[words.name]
        : Object.hasOwn(tests, lower)
          ? tests[lower]
          : undefined
      const method = (net as unknown as Record<string, unknown>)[spellings[lower] ?? words.name]
      if (own === undefined && typeof method !== 'function')
        throw new Error(`Test ${words.name} is unknown - please specify one of ${keysText(tests)} `)
      const args = argumentsOf(words, {}) as never[]
      const result =
        own !== undefined && (!(lower in spellings) || args.length === 0)
          ? await own(net, ...args)
          : await (method as (...all: never[]) => unknown).apply(net, args)
      this.results.push({ test: part, result: plain(result) })
    }
  }
}

/** What a custom file adds to one kind of choices; throws where these are no classes or functions. */
const entriesOf = (path: string, kind: keyof Choices, given: unknown): object => {
  if (given === undefined) return {}
  if (given === null || typeof given !== 'object')
    throw new TypeError(`${path}: ${kind} is no object of names and classes`)
  const wrong = Object.entries(given).find(
    ([, value]) => typeof value !== 'function' && !(kind === 'controllers' && value === null),
  )
  if (wrong !== undefined) throw new TypeError(`${path}: ${wrong[0]} of ${kind} is no class or function`)
  return given
}

const build = (maker: TopoMaker, args: unknown[]): Topo<never[]> => {
  const isClass = /^class\b/.test(Function.prototype.toString.call(maker))
  if (isClass) return new (maker as new (...all: unknown[]) => Topo<never[]>)(...args)
  return (maker as (...all: unknown[]) => Topo<never[]>)(...args)
}

/** What of a result JSON can hold. */
const plain = (result: unknown): unknown => {
  if (result === null || ['number', 'string', 'boolean'].includes(typeof result)) return result
  if (Array.isArray(result)) return result.map(plain)
  if (typeof result !== 'object') return null
  if ('pid' in result && 'name' in result) return String(result.name)
  const isPlain = Object.getPrototypeOf(result) === Object.prototype
  return isPlain
    ? Object.fromEntries(Object.entries(result).map(([key, value]) => [key, plain(value)]))
    : String(result)
}

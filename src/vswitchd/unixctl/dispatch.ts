/** Commands of a control socket as a table: who may be called how, and what there is (ovs-appctl(8)). */

/** What a command answers: text for stdout, or an error's text. */
export type Reply = { ok: true; text: string } | { ok: false; error: string }

export const reply = (text: string): Reply => ({ ok: true, text })
export const refuse = (error: string): Reply => ({ ok: false, error })

/** How a command is called; `usage` is what `list-commands` prints after its name. */
export type Callable = { usage: string; min: number; max: number }

/** The command of a name, if it is called right; a text is what is wrong. */
export const commandFor = <T extends Callable>(
  commands: Readonly<Record<string, T>>,
  name: string,
  args: readonly unknown[],
): T | string => {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined)
    return `"${name}" is not a valid command (use "list-commands" to see a list of valid commands)`
  if (args.length < command.min) return `"${name}" command requires at least ${command.min} arguments`
  if (args.length > command.max) return `"${name}" command takes at most ${command.max} arguments`
  return command
}

/** What `list-commands` prints. */
export const commandListing = (commands: Readonly<Record<string, Callable>>): string => {
  const names = Object.keys(commands).sort()
  const texts = names.map(name => `  ${name.padEnd(23)} ${commands[name]?.usage ?? ''}\n`)
  return `The available commands are:\n${texts.join('')}`
}

/** Answers end with the end of a line, unless they are empty. */
export const inLines = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)

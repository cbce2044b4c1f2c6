/** The documentation against the code: links lead somewhere, and what a page lists is what there is. */
import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { lab } from '../../src/cli/lab.ts'
import { vtep } from '../../src/cli/vtep.ts'
import { labs } from '../../src/lab/index.ts'
import { commands } from '../../src/machine/index.ts'
import { programs } from '../../src/tools/index.ts'
import { commands as ofctlCommands } from '../../src/tools/ofctl/commands.ts'
import { commandList } from '../../src/tools/ofctl/help.ts'
import { clientCommands } from '../../src/tools/ovsdb-client/commands.ts'
import { vsctlCommands } from '../../src/tools/vsctl/vsctl.ts'
import { page, root } from './page.testing.ts'

const pages = [
  ...['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md'],
  ...readdirSync(new URL('docs/', root))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
]

const help = async (command: (args: string[]) => Promise<number>): Promise<string> => {
  let text = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(chunk => {
    text += chunk
    return true
  })
  try {
    expect(await command(['--help'])).toBe(0)
  } finally {
    write.mockRestore()
  }
  return text
}
const helps: Record<string, string> = { lab: await help(lab), vtep: await help(vtep) }

const optionsIn = (text: string): string[] => text.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? []

/** The part of a page behind a heading, up to the next. */
const section = (path: string, heading: string): string => {
  const parts = page(path).split(/^#+ /m)
  return parts.find(part => part.startsWith(`${heading}\n`)) ?? ''
}

/** Words set as code. */
const codes = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code as string)

const verbsOf = (text: string): string[] => [
  ...new Set([...text.matchAll(/^ {2}([a-z][a-z0-9-]+)(?= |$)/gm)].map(([, verb]) => verb as string)),
]

/** The first column of a page's tables is their rows' name; the second is what is in it. */
const cells = (text: string): string => text.replaceAll(/^\|[^|]*\|([^|]*)\|$/gm, '$1')

describe.each(pages)('%s', path => {
  const text = page(path)

  test('has links that lead to something', () => {
    const links = [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)].map(([, link]) => link as string)
    const local = links.filter(link => !/^[a-z]+:/.test(link))
    expect(local.filter(link => !existsSync(new URL(link, new URL(path, root))))).toEqual([])
  })

  test('names no option of weft that --help does not', () => {
    const wrong = text.split('\n').flatMap(line =>
      [...line.matchAll(/weft (lab|vtep)((?: +(?:'[^']*'|[^\s`']+))*)/g)].flatMap(([, command, words]) => {
        const own = (words as string).replaceAll(/'[^']*'/g, '')
        const known = optionsIn(helps[command as string] as string)
        return optionsIn(own).filter(option => !known.includes(option))
      }),
    )
    expect(wrong).toEqual([])
  })
})

describe('pages and code agree about', () => {
  test.each(['lab', 'vtep'])('the options of weft %s', command => {
    const shown = codes(section(`docs/${command}.md`, 'Options')).flatMap(optionsIn)
    expect([...new Set(shown)].sort()).toEqual([...new Set(optionsIn(helps[command] as string))].sort())
  })

  test('the labs', () => {
    const text = page('docs/lab.md')
    expect(labs.filter(({ name, about }) => !(text.includes(name) && text.includes(about)))).toEqual([])
  })

  test('the commands of a machine', () => {
    const [lists = ''] = section('docs/machine.md', 'Commands').split('They print')
    const links = /\[.*?\]\(.*?\)/g
    expect(codes(lists.replaceAll(links, '')).sort()).toEqual(
      [...Object.keys({ ...commands, ...programs }), 'ovs-testcontroller'].sort(),
    )
  })

  test('the commands of ovs-vsctl', () => {
    const [table = ''] = section('docs/tools.md', 'ovs-vsctl').split('They talk')
    expect(codes(cells(table)).sort()).toEqual(Object.keys(vsctlCommands).sort())
  })

  test('the commands of ovs-ofctl', () => {
    const [table = ''] = section('docs/tools.md', 'ovs-ofctl').split('All take')
    const verbs = verbsOf(commandList)
    expect(codes(cells(table)).sort()).toEqual(verbs.sort())
    expect([...Object.keys(ofctlCommands), 'help', 'list-commands'].sort()).toEqual(verbs.sort())
  })

  test('the commands of ovsdb-client', () => {
    const [table = ''] = section('docs/tools.md', 'ovsdb-client').split('They talk')
    expect(codes(cells(table)).sort()).toEqual(Object.keys(clientCommands).sort())
  })

  test('the modules of the package', () => {
    const { exports } = JSON.parse(page('package.json')) as { exports: Record<string, unknown> }
    const modules = Object.keys(exports).filter(name => name !== './package.json')
    const shown = [...page('docs/library.md').matchAll(/^\| `(weft\/[\w/]+)`/gm)].map(([, name]) => name)
    expect(shown.sort()).toEqual(modules.map(name => name.replace('.', 'weft')).sort())
  })
})

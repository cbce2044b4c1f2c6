/** An element of XML. Names are without their prefixes; `text` is what stands in it outside of other elements. */
export type Element = {
  name: string
  attributes: Readonly<Record<string, string>>
  children: Element[]
  text: string
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const unescaped = (text: string): string =>
  text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return entities[name] ?? whole
    const code = name[1]?.toLowerCase() === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })

const attributesOf = (text: string): Record<string, string> => {
  const found = [...text.matchAll(/([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)]
  return Object.fromEntries(found.map(([, name = '', one, other]) => [name, unescaped(one ?? other ?? '')]))
}

const local = (name: string): string => name.slice(name.indexOf(':') + 1)

/** What there is between `<` and `>`, and the text before it: comments, declarations and CDATA are one piece each. */
const pieces =
  /([^<]*)(?:<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<!DOCTYPE[^>]*>|<(\/?)([^\s/>]+)((?:[^>"']|"[^"]*"|'[^']*')*?)(\/?)>)/gy

/** The root element of a document without a DTD of its own; a text says what is wrong, and in which line. */
export const parseXml = (document: string): Element | string => {
  const open: Element[] = [{ name: '', attributes: {}, children: [], text: '' }]
  pieces.lastIndex = 0
  let at = 0
  const place = (end: number): string => `line ${document.slice(0, end).split('\n').length}: `
  for (let found = pieces.exec(document); found !== null; found = pieces.exec(document)) {
    at = pieces.lastIndex
    const [, before = '', raw, closing, name, attributes = '', alone] = found
    const last = open[open.length - 1] as Element
    last.text += unescaped(before) + (raw ?? '')
    if (name === undefined) continue
    if (closing === '/') {
      if (open.length === 1 || last.name !== local(name)) return `${place(at)}</${name}> ends nothing that was begun`
      open.pop()
      continue
    }
    const element: Element = { name: local(name), attributes: attributesOf(attributes), children: [], text: '' }
    last.children.push(element)
    if (alone !== '/') open.push(element)
  }
  const [top, unclosed] = open as [Element, Element | undefined]
  if (unclosed !== undefined) return `${place(document.length)}<${(open.at(-1) as Element).name}> is not ended`
  if (document.slice(at).trim() !== '') return `${place(at)}it is no XML`
  return top.children[0] ?? 'it is no XML'
}

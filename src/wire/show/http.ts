import { fromUtf8 } from '../../runtime/index.ts'
import type { Line } from './line.ts'

const methods =
  /^(GET|HEAD|POST|PUT|DELETE|OPTIONS|TRACE|CONNECT|PATCH|COPY|LOCK|MKCOL|MOVE|PROPFIND|PROPPATCH|UNLOCK|HTTP\/\S*) /

/** HTTP on its ports: the first line if a request or an answer begins here, with `-v` all lines of its header. */
export const showHttp = (line: Line, at: number, size: number): void => {
  const text = fromUtf8(line.bytes, at, Math.min(line.end, at + size))
  const lines = text.split('\r\n')
  const opens = methods.test(lines[0]!)
  if (!opens) {
    line.put(': HTTP')
    return
  }
  if (!line.verbose) {
    line.put(`: HTTP: ${lines[0]}`)
    return
  }
  line.put(`: HTTP, length: ${size}`)
  for (const one of lines) {
    line.put(`\n\t${one}`)
    if (one === '') break
  }
}

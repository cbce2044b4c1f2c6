/** The pages that Python's web server makes itself. */

const explanations: Readonly<Record<number, string>> = {
  400: 'Bad request syntax or unsupported method',
  404: 'Nothing matches the given URI',
  501: 'Server does not support this operation',
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

export const errorPage = (status: number, message: string): string => `<!DOCTYPE HTML>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <title>Error response</title>
    </head>
    <body>
        <h1>Error response</h1>
        <p>Error code: ${status}</p>
        <p>Message: ${escaped(message)}.</p>
        <p>Error code explanation: ${status} - ${explanations[status] ?? ''}.</p>
    </body>
</html>
`

/** A directory: names of directories end in a slash. */
export const listingPage = (path: string, names: readonly string[]): string => {
  const title = `Directory listing for ${escaped(path)}`
  const rows = [...names]
    .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
    .map(name => `<li><a href="${encodeURI(name.replace(/@$/, ''))}">${escaped(name)}</a></li>\n`)
  return `<!DOCTYPE HTML>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title}</title>
</head>
<body>
<h1>${title}</h1>
<hr>
<ul>
${rows.join('')}</ul>
<hr>
</body>
</html>
`
}

const types: Readonly<Record<string, string>> = {
  css: 'text/css',
  csv: 'text/csv',
  gif: 'image/gif',
  gz: 'application/gzip',
  htm: 'text/html',
  html: 'text/html',
  jpg: 'image/jpeg',
  js: 'text/javascript',
  json: 'application/json',
  pdf: 'application/pdf',
  png: 'image/png',
  py: 'text/x-python',
  sh: 'text/x-sh',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  xml: 'text/xml',
}

/** By the name's ending. */
export const mediaTypeOf = (name: string): string =>
  types[/\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? ''] ?? 'application/octet-stream'

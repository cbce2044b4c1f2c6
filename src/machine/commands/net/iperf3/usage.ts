/** The versions that are answered for. */
export const version = 'iperf 3.12'

/** What is there, in the order of iperf3's own list. */
export const usage = `Usage: iperf3 [-s|-c host] [options]
       iperf3 [-h|--help] [-v|--version]

Server or Client:
  -p, --port      #         port of the server, 5201 unless told otherwise
  -f, --format   [kmgtKMGT] unit of rates: bits, or bytes for a capital
  -i, --interval  #         seconds between two reports, 0 for none
  -I, --pidfile file        keeps the process's number in a file
  -B, --bind <host>         address to be bound to
  -V, --verbose             tells more
  -J, --json                tells it in JSON
  --forceflush              makes no difference here
  -v, --version             tells the version
  -h, --help                tells this
Server specific:
  -s, --server              waits for clients
  -D, --daemon              does so in the background
  -1, --one-off             ends after one client
Client specific:
  -c, --client <host>       tests with the server on a host
  -u, --udp                 by UDP instead of TCP
  -b, --bitrate #[KMG]      bits a second, 0 for as many as there are (1 Mbit/s of UDP, else 0)
  -t, --time      #         seconds of a test (10)
  -n, --bytes     #[KMG]    bytes to send instead of -t
  -k, --blockcount #[KMG]   blocks to send instead of -t or -n
  -l, --length    #[KMG]    bytes of a block (128 KB for TCP, what a packet holds for UDP)
  --cport         <port>    port of the client
  -P, --parallel  #         streams beside each other
  -R, --reverse             the server sends
  --bidir                   both send
  -w, --window    #[KMG]    bytes of the sockets' buffers
  -C, --congestion <algo>   congestion control
  -M, --set-mss   #         largest segment
  -N, --no-delay            sends small segments at once
  -4, --version4            IPv4 only
  -6, --version6            IPv6 only
  -S, --tos N               type of service, 0 to 255
  -Z, --zerocopy            makes no difference here
  -O, --omit N              leaves out what the first seconds measure
  -T, --title str           begins every line with this
`

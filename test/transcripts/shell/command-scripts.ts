// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the strings are shell programs
/** Programs of coreutils and grep, run by a real bash and by ours as in `shell-scripts.ts`. */
export const commandScripts: readonly string[] = [
  // cat
  'printf "a\\nb\\n" > f; cat f; cat -n f; cat f - < f; cat nofile f; echo $?',
  'printf "a\\n\\n\\nb\\n" > f; cat -s f; cat -b f; cat -E f; printf "\\t" | cat -T; cat -z',
  'cat .; echo $?',
  'cat --bogus; echo $?',
  'cat --num /dev/null; echo $?',
  // echo, printf as programs
  'env echo a -n; env printf "%s\\n" x; env printf; echo $?',
  // head, tail
  'seq 20 | head; seq 20 | tail; seq 20 | head -n 3; seq 20 | tail -n 3; seq 20 | head -3; seq 20 | tail -2',
  'seq 5 | head -n -2; seq 5 | tail -n +3; printf abcdef | head -c 3; printf abcdef | tail -c 2; printf abcdef | tail -c +3',
  'seq 3 > a; seq 2 > b; head -n 1 a b; tail -n 1 a b; head -q -n 1 a b; head nofile; echo $?; tail nofile; echo $?',
  'head -n x; echo $?; tail -n x; echo $?',
  'head .; echo $?',
  // wc
  'printf "a b\\nc\\n" > f; wc f; wc -l f; wc -l < f; wc < f; wc -w -c f; wc -lw < f; wc f f; wc nofile f; echo $?',
  'wc -l nofile; echo $?; printf "no newline" | wc -l; printf "" | wc',
  // sort
  'printf "b\\na\\nc\\n" | sort; printf "b\\na\\nc\\n" | sort -r; printf "10\\n9\\n2\\n" | sort; printf "10\\n9\\n2\\n" | sort -n; printf "1\\n10\\n2\\n" | sort -rn',
  'printf "a\\nb\\na\\n" | sort -u; printf "b 1\\na 2\\nc 0\\n" | sort -k2; printf "b:1\\na:12\\nc:3\\n" | sort -t: -k2n; printf "b:1\\na:12\\n" | sort -t : -k 2,2nr',
  'printf "B\\na\\nC\\n" | sort; printf "B\\na\\nC\\n" | sort -f; sort nofile; echo $?; printf "b\\na\\n" | sort -c; echo $?; sort -Q9; echo $?',
  'printf "x\\n" > f; sort f -o g; cat g; printf "1.5\\n1.25\\n-3\\n" | sort -n',
  // uniq
  'printf "a\\na\\nb\\na\\n" | uniq; printf "a\\na\\nb\\n" | uniq -c; printf "a\\na\\nb\\n" | uniq -d; printf "a\\na\\nb\\n" | uniq -u; uniq nofile; echo $?',
  // cut
  'echo a:b:c:d | cut -d: -f2; echo a:b:c:d | cut -d: -f2-; echo a:b:c:d | cut -d : -f 1,3; echo abcdef | cut -c2-4; echo abcdef | cut -c-2; echo nodelim | cut -d: -f2; echo nodelim | cut -s -d: -f2',
  'printf "a\\tb\\n" | cut -f2; cut; echo $?; cut -f x < /dev/null; echo $?; cut -d ab -f1; echo $?',
  // tr
  'echo hello | tr a-y b-z; echo hello | tr -d l; echo aabbcc | tr -s b; echo aabbcc | tr -s a-c; echo "a b c" | tr " " "\\n"; echo HeLLo | tr "[:upper:]" "[:lower:]"',
  'echo abc123 | tr -cd 0-9; echo; echo abc123 | tr -d "[:digit:]"; echo hello | tr el ip; echo abc | tr abc x; tr; echo $?; tr a; echo $?; tr a b c; echo $?; echo aab | tr -s a b; echo "a  b" | tr -s " " _',
  // tee
  'echo x | tee a b; cat a b; echo y | tee -a a; cat a; echo x | tee /nodir/x; echo $?',
  // seq
  'seq 3; seq 2 4; seq 1 2 7; seq 3 -1 1; seq -s, 3; seq -w 8 11; seq 0.5 0.5 2; seq 5 1; echo $?; seq -2 0',
  'seq; echo $?; seq a; echo $?; seq 1 2 3 4; echo $?; seq 1 0 3; echo $?; seq -f "%03g" 2',
  // grep
  'printf "one\\ntwo\\nthree\\n" > f; grep t f; grep -v t f; grep -c t f; grep -n t f; grep -i T f; grep -q one f; echo $?; grep x f; echo $?; grep e < f',
  'printf "one\\ntwo\\nthree\\n" > f; cp f g; grep one f g; grep -h one f g; grep -H one f; grep -l one f g; grep -L one f g; grep -c o f g; grep -n e f g',
  'grep x nofile; echo $?; grep; echo $?; grep x .; echo $?; grep -s x nofile; echo $?',
  'printf "a.b\\naxb\\n" > f; grep a.b f; grep "a\\.b" f; grep -F a.b f; grep -w a f; grep -x axb f; grep -o "[a-z]x" f; grep -e axb -e a.b f',
  'printf "ab\\naab\\nb\\n" > f; grep "a*b" f; grep "aa*b" f; grep -E "a+b" f; grep "a\\+b" f; grep "a+b" f; grep -E "^(a|b)$" f; grep "^\\(a\\|b\\)" f; grep -E "a{2}" f; grep "a\\{2\\}" f; grep -E "a?b" f',
  'printf "a1\\nb_\\n c\\n" > f; grep "[[:digit:]]" f; grep "[^a-z0-9]" f; grep "^[[:space:]]" f; grep "\\w1" f; grep -E "\\bc" f; grep "_$" f; grep "[]_]" f',
  'printf "(x)\\n{y}\\n*z\\n" > f; grep "(x)" f; grep -E "\\(x\\)" f; grep "*z" f; grep -E "{y}" f; grep "\\*z" f; grep -F "*" f',
  'printf "abab\\nabba\\n" | grep -E "(ab)\\1"; printf "aa\\nab\\n" | grep "\\(a\\)\\1"; echo "a^b\\$c" | grep "a^b"; printf "a|b\\n" | grep "a|b"',
  'grep "[a" /dev/null; echo $?; grep -E "(a" /dev/null; echo $?; grep "\\(a" /dev/null; echo $?; grep -E "a)" /dev/null; echo $?; grep "a\\" /dev/null; echo $?',
  'seq 10 | grep -A1 -B1 5; seq 20 | grep -C1 5; seq 9 | grep -A1 -e 2 -e 6; seq 10 | grep -m2 .; seq 10 | grep -c -m3 .; seq 3 | grep -n -A1 1; seq 10 | grep -m x .; echo $?',
  'echo "a-b-c" | grep -o "[a-c]"; echo test | egrep "t|e" 2>/dev/null; echo a.c | fgrep . 2>/dev/null; echo | grep ""; grep "" /dev/null; echo $?',
  'mkdir d; echo hit > d/a; echo miss > d/b; grep -r hit d; grep -c "" d/a',
  // files
  'mkdir a; mkdir a; echo $?; mkdir -p x/y/z; ls x/y; mkdir q/w; echo $?; mkdir; echo $?; mkdir -Q; echo $?; touch f; mkdir f/x; echo $?; mkdir -p f; echo $?',
  'touch a b; ls; rm a; ls; rm a; echo $?; rm -f a; echo $?; mkdir d; rm d; echo $?; rm -r d; ls; rm; echo $?; rm -f; echo $?; rm -z; echo $?',
  'mkdir d; touch d/x; rmdir d; echo $?; rm d/x; rmdir d; echo $?; rmdir nod; echo $?; touch f; rmdir f; echo $?',
  'echo hi > a; cp a b; cat b; mv b c; ls; cp a nodir/x; echo $?; cp nofile x; echo $?; mkdir d; cp a c d; ls d; mv a d; ls . d; cp d e; echo $?; cp -r d e; ls e; cp; echo $?; cp a; echo $?; mv nofile x; echo $?; cp c c; echo $?; cp a b c; echo $?',
  'ln -s target l; readlink l; ls -F; echo data > target; cat l; echo more >> l; cat target; rm l; ls; ln -s loop loop; cat loop; echo $?; readlink nofile; echo $?',
  'touch nodir/x; echo $?; touch; echo $?; touch -c new; ls; touch a/; echo $?',
  'ls -1 nofile; echo $?; touch f g; mkdir d; touch d/x; ls; ls f g; ls d f; ls -d d; ls -a; ls -A; ls -r; ls -F; ls d nofile; echo $?; ls --bogus; echo $?; ls -z9; echo $?; touch .h; ls; ls -A; ls -R',
  'touch a bb ccc; ls -C | cat; mkdir sub; ls -R; ls -ld sub | cut -c1-10; ls -l a | cut -c1-24; ls -l nofile; echo $?; ls -l sub',
  'chmod +x nofile; echo $?; echo "echo ran \\$1" > s; chmod +x s; ./s arg; chmod 644 s; ./s; echo $?; chmod zz s; echo $?; ls -l s | cut -c1-10; chmod u=rwx,g=r s 2>/dev/null; chmod; echo $?; chmod +x; echo $?',
  'basename /a/b.c; basename /a/b.c .c; basename /; basename a/; dirname /a/b; dirname a; dirname /; dirname a/b/; basename; echo $?',
  // env, xargs, which
  "env -i A=1 B=2 env; A=5 env | grep ^A=; env A=6 bash -c 'echo $A'; env nosuch; echo $?; env -u A true; echo $?; env -i /bin/echo x",
  'echo a b c | xargs; echo a b c | xargs -n1; echo a b c | xargs -n 2 echo x; printf "a\\nb\\n" | xargs -I{} echo "<{}>"; printf "" | xargs; printf "" | xargs -r echo x; echo "\'a b\' c" | xargs -n1; printf "a\\0b\\0" | xargs -0 -n1',
  'echo x | xargs false; echo $?; echo x | xargs nosuch; echo $?; echo 1 2 3 | xargs -n1 test 2 -eq; echo $?',
  'which ls nosuch; echo $?; which; echo $?',
  // time
  'sleep 0; echo $?; sleep; echo $?; sleep x; echo $?; sleep 0.01 0.01; sleep -5; echo $?; sleep 0.001s',
  'timeout 0.05 sleep 5; echo $?; timeout 5 true; echo $?; timeout 5 false; echo $?; timeout x true; echo $?; timeout; echo $?; timeout 1 nosuch; echo $?',
  'date -u -d @0; date -u -d @86399 +%T; date -u -d @1700000000 "+%Y-%m-%d %H:%M:%S %j %a %A %b %B %u %w %e %y %I %p"; date -d nonsense; echo $?; date x; echo $?; TZ=UTC date -u -d "2024-02-29 12:00:00" +%s; date -u -R -d @0; date -u -d @0 +%%n%n%F; date a b; echo $?',
  // small
  'true; echo $?; false; echo $?; /bin/true x; echo $?; uname; uname -s; uname -m; uname -o; uname -z; echo $?; uname x; echo $?; whoami; pwd | grep -c /',
  'env [ a = a ]; echo $?; env test a; echo $?; env [ a; echo $?',
  'yes no | head -n 2; yes a b | head -n 1; tac <<E\n1\n2\n3\nE',
  'kill -l TERM >/dev/null; ps -ef | grep -v grep | grep -c "sleep 77"',
]

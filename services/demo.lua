-- Services to play with: `saker run --demo` keeps them alive. They are made of
-- standard tools only. Change something, then say SVAPPLY.

-- Writes a numbered line every second. Kill it: it is back at once.
service "clock" {
  exec = {"sh", "-c", [[
    n=0
    while :; do
      n=$((n + 1))
      echo "$n $(date +%T)"
      sleep 1
    done
  ]]},
  log = {size = "1M", keep = 2},
}

-- Two instances, web:0 and web:1; {i} is the number of the instance.
service "web" {
  exec  = {"sh", "-c", 'echo "web {i}: port $PORT"; exec sleep 1000000'},
  count = 2,
  env   = {PORT = "808{i}"},
  log   = {size = "1M", keep = 2},
}

-- Crashes every 10 to 20 seconds, waits longer and longer before it is
-- started again, and is well again after 30 seconds without a crash.
service "flaky" {
  exec    = {"sh", "-c", "sleep $((10 + $$ % 11)); kill -SEGV $$"},
  backoff = {"1s", "10s", x = 2, reset = "30s"},
}

-- Does its work once and is done; start it again with SVSTART report.
service "report" {
  exec = {"sh", "-c", "date; uptime; df -h /"},
  exit = {[0] = "done", ["*"] = "restart"},
  log  = {size = "1M", keep = 2},
}

-- Is there, but waits for SVSTART manual.
service "manual" {
  exec      = {"sleep", "1000000"},
  autostart = false,
}

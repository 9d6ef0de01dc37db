-- Asks another Redis, or another Saker. The words go to redis-cli as they are,
-- without a shell; the password, if there is one, is in REDISCLI_AUTH.
saker.register("redis", function(args)
  local argv = {"redis-cli", "-h", args[1], "-p", args[2]}
  for i = 3, #args do
    argv[#argv + 1] = args[i]
  end
  local done, why = saker.exec(argv, {timeout = "5s"})
  if not done then
    return nil, why
  end
  if done.code ~= 0 then
    return nil, (done.out .. done.err):gsub("%s+$", "")
  end
  return (done.out:gsub("\n$", ""))
end, PROP_PASSIVITY,
               {arity = -4, right = "admin", help = "redis HOST PORT COMMAND..."})

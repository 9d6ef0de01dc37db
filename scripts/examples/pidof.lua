-- The pid of a daemon: by its pidfile, or as the only one that matches.
saker.register("pidof", function(args)
  return saker.pidof(args[1], args[2])
end, PROP_PASSIVITY,
               {arity = -2, help = "pidof PIDFILE [REGULAR-EXPRESSION]"})

saker.register("pidof-match", function(args)
  return saker.pidof {match = args[1], user = args[2]}
end, PROP_PASSIVITY,
               {arity = -2, help = "pidof-match REGULAR-EXPRESSION [USER]"})

# Completion of `saker` for bash: source this, or copy it as
# /usr/share/bash-completion/completions/saker

_saker_services() {
  # The first words of the table; lines below a service are indented.
  saker status 2> /dev/null | sed -n '2,$s/^\([^ (]\{1,\}\).*/\1/p'
}

_saker() {
  local word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]}
  # An instance `web:0` is one word, although ":" breaks words.
  if declare -F _get_comp_words_by_ref > /dev/null; then
    _get_comp_words_by_ref -n : -c word
  fi
  local words=
  if [[ $COMP_CWORD -eq 1 ]]; then
    words="run check version help status why logs events life config nodes
      start stop restart try-restart reload signal wait pause cont scale drop
      enable disable reset svcheck svrun plan apply exec passwd upgrade shutdown"
  elif [[ $word == -* ]]; then
    words=$(saker help "$verb" 2> /dev/null |
      sed -n 's/^  \(-[a-z],\)\{0,1\}\(--[a-z-]*\).*/\2/p')
  else
    case $verb in
      status | why | logs | life | config | svcheck | start | stop | restart | try-restart | reload | \
        signal | wait | pause | cont | scale | drop | enable | disable | reset)
        words=$(_saker_services)
        ;;
      help) words=$(saker help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p') ;;
      check | apply | plan)
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
        ;;
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  if declare -F __ltrim_colon_completions > /dev/null; then
    __ltrim_colon_completions "$word"
  fi
}

complete -F _saker saker

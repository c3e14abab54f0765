
_longshore() {
  local cur prev words cword
  _init_completion -n =: || return
  COMPREPLY=()
  local scope='' i=1
  case ${words[0]##*/} in
    om)
      while [[ $i -lt $cword && ${words[i]} == -* ]]; do i=$((i + 1)); done
      if [[ $i -ge $cword ]]; then
        _longshore_offer "$(_longshore_names services) node cluster daemon mon help --help --version"
        return
      fi
      case ${words[i]} in
        node | cluster | daemon) scope=${words[i]} ;;
        mon | help) scope=alone i=$((i - 1)) ;;
        *) scope=service ;;
      esac
      i=$((i + 1))
      ;;
    svcmon) scope=alone words=(svcmon mon "${words[@]:1}") cword=$((cword + 1)) ;;
    nodemgr) scope=node ;;
    svcmgr)
      scope=service
      if [[ $prev == -s || $prev == --service ]]; then
        _longshore_offer "$(_longshore_names services)"
        return
      fi
      if [[ ${words[1]} != -s && ${words[1]} != --service ]]; then
        _longshore_offer '-s --service'
        return
      fi
      i=3
      ;;
    *) scope=service ;;
  esac
  _longshore_command
}

# Of a scope from word i on: the words of a command, then what belongs to it.
_longshore_command() {
  local typed=() command='' j
  for ((j = i; j < cword; j++)); do
    [[ ${words[j]} == -* ]] && break
    typed+=("${words[j]//_/ }")
  done
  for ((j = ${#typed[@]}; j > 0 && j > ${#typed[@]} - 4; j--)); do
    command=${typed[*]:0:j}
    [[ -n ${_longshore_options["$scope $command"]+known} ]] && break
    command=''
  done
  if [[ -n $command ]]; then
    _longshore_operand "$scope $command" $((${#typed[@]} - j))
    return
  fi
  local line next=''
  while read -r line; do
    [[ ${#typed[@]} -eq 0 ]] && next+="${line%% *} "
    [[ ${#typed[@]} -gt 0 && $line == "${typed[*]} "* ]] && line=${line#"${typed[*]} "} && next+="${line%% *} "
  done <<<"${_longshore_commands[$scope]}"
  _longshore_offer "$next"
}

# An option, the value of one, or the argument of that number.
_longshore_operand() {
  local option flags='' value=''
  for option in ${_longshore_options[$1]}; do
    flags+="${option%%:*} "
    [[ $option == "$prev":* ]] && value=${option#*:}
    [[ $cur == --*=* && $option == "${cur%%=*}":* ]] && value=${option#*:} && cur=${cur#*=}
  done
  if [[ -n $value ]]; then
    _longshore_value "$value"
  elif [[ $cur == -* ]]; then
    _longshore_offer "$flags"
  else
    local kinds=(${_longshore_arguments[$1]})
    _longshore_value "${kinds[$2]:-}"
  fi
}

_longshore_value() {
  case $1 in
    node) _longshore_offer "$(_longshore_names nodes)" ;;
    selector) _longshore_offer "$(_longshore_names services)" ;;
    keyword) _longshore_offer "${_longshore_words["$scope keyword"]}" ;;
    topic) _longshore_offer "${_longshore_words[topic]}" ;;
    format) _longshore_offer 'table json yaml' ;;
    when) _longshore_offer 'auto always never' ;;
    level) _longshore_offer 'debug info warn error' ;;
    sections) _longshore_offer 'daemon nodes services' ;;
    file) _filedir ;;
  esac
}

# Asked of om, which says nothing where the daemon does not answer.
_longshore_names() {
  "$(type -P om)" --names "$1" 2>/dev/null
}

_longshore_offer() {
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
  __ltrim_colon_completions "$cur"
}

complete -F _longshore om svcmon svcmgr nodemgr

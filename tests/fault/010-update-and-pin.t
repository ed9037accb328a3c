igata-suite 1
# Cuts that the generator does not make: changes of what was changed before, and commands in the middle of a session.
kind conform
ap D3921000310001FFFF01
value PIN digits 4..4 secret
value PUK digits 8..8 secret

dialogue "the flag back to what it was" clause 4
  reset
  select
  send 00200081 {PIN}
    expect 9000
  send 00D68300 01
    expect 9000
  cut
  send 00D68300 00
    expect 9000

dialogue "CHANGE back to the personal value" clause 4
  reset
  select
  send 00240081 {PIN} {PIN:other}
    expect 9000
  send 00200081 {PIN:other}
    expect 9000
  cut
  send 00240081 {PIN:other} {PIN}
    expect 9000

dialogue "RESET RETRY COUNTER after a CHANGE" clause 4
  reset
  select
  send 00240081 {PIN} {PIN:other}
    expect 9000
  send 00200081 {PIN}
    expect 63C2
  cut
  send 002C0081 {PUK} {PIN}
    expect 9000

dialogue "a wrong VERIFY while verified" clause 4
  reset
  select
  send 00200081 {PIN}
    expect 9000
  cut
  send 00200081 {PIN:wrong}
    expect 63C2

dialogue "a refused UPDATE writes nothing" clause 4
  reset
  select
  cut
  send 00D68300 01
    expect refused-access

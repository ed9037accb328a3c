igata-suite 1
# A PUK is not a PIN and a PIN is not a PUK, even where the lengths would fit.
kind conform
ap D3921000310001FFFF01
value PIN digits 4..4 secret
value PUK digits 8..8 secret

dialogue "the PIN twice is no PUK" clause 7.6
  reset
  select
  send 002C0081 {PIN} {PIN} {PIN:other}
    expect 63C9
  send 00200081 {PIN}
    expect 9000

dialogue "the beginning and the end of the PUK are no PIN" clause 7.3
  reset
  select
  send 00200081 {PUK@0+4}
    expect 63C2
  send 00200081 {PUK@4+4}
    expect 63C1
  send 00200081 {PIN}
    expect 9000

dialogue "PUK and new PIN in the wrong order" clause 7.6
  reset
  select
  send 002C0081 {PIN:other} {PUK}
    expect 63C8
  send 002C0081 {PUK} {PIN}
    expect 9000

dialogue "all tries of the PUK but one, and all are given back" clause 7.6
  reset
  select
  send 002C0081 {PUK:wrong} {PIN:other}
    expect 63C9
  send 002C0081 {PUK:wrong} {PIN:other}
    expect 63C8
  send 002C0081 {PUK:wrong} {PIN:other}
    expect 63C7
  send 002C0081 {PUK:wrong} {PIN:other}
    expect 63C6
  reset
  select
  send 002C0081 {PUK:wrong} {PIN:other}
    expect 63C5
  send 002C0081 {PUK:wrong} {PIN:other}
    expect 63C4
  send 002C0081 {PUK:wrong} {PIN:other}
    expect 63C3
  send 002C0081 {PUK:wrong} {PIN:other}
    expect 63C2
  send 002C0081 {PUK:wrong} {PIN:other}
    expect 63C1
  send 002C0081 {PUK} {PIN:other}
    expect 9000
  send 002C0081 {PUK:wrong} {PIN}
    expect 63C9
  send 00200081 {PIN:other}
    expect 9000
  finally
  send 002C0081 {PUK} {PIN}
    expect 9000
  send 00200081 {PIN}
    expect 9000

igata-suite 1
# AP contract 7: a wrong old value of CHANGE counts as a try of VERIFY. The two share one counter, whatever the order,
# and VERIFY without data in between neither uses nor gives back a try.
kind conform
ap D3921000310001FFFF01
value PIN digits 4..4 secret
value PUK digits 8..8 secret

dialogue "VERIFY and CHANGE use one counter" clause 7.5
  reset
  select
  send 00200081 {PIN:wrong}
    expect 63C2
  send 00200081
    expect 63C2
  send 00240081 {PIN:wrong} {PIN:other}
    expect 63C1
  send 00200081
    expect 63C1
  send 00200081 {PIN:other}
    expect 63C0
  send 00240081 {PIN} {PIN:other}
    expect blocked
  send 00200081 {PIN}
    expect blocked

dialogue "a refused CHANGE in between uses nothing" clause 7.5
  reset
  select
  send 002C0081 {PUK} {PIN}
    expect 9000
  send 00200081 {PIN:wrong}
    expect 63C2
  send 00240081 {PIN} {PIN}
    expect wrong-data
  send 00240081 {PIN}
    expect wrong-length
  send 00240181 {PIN:other}
    expect wrong-parameters
  send 00200081 {PIN:short}
    expect wrong-length
  send 00200081 {PIN:wrong}
    expect 63C1
  send 00200081 {PIN}
    expect 9000

dialogue "blocked comes before length and data" clause 3.8
  reset
  select
  send 00200081 {PIN:wrong}
    expect 63C2
  send 00200081 {PIN:wrong}
    expect 63C1
  send 00200081 {PIN:wrong}
    expect 63C0
  # two faults: a refusal that belongs to either is right (contract 2), but no comparison takes place
  send 00200081 {PIN:short}
    expect blocked or wrong-length
  send 00240081 {PIN} {PIN}
    expect blocked or wrong-data
  finally
  send 002C0081 {PUK} {PIN}
    expect 9000
  send 00200081 {PIN}
    expect 9000

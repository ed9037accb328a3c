igata-suite 1
# What a verification opens is open until something closes it, and nothing else closes it.
kind conform
ap D3921000310001FFFF01
value PIN digits 4..4 secret
value PUK digits 8..8 secret
value ZONES text 0..64 pad 20 to 64

dialogue "refusals do not close what is open" clause 3.9
  reset
  select
  send 00200081 {PIN}
    expect 9000
  send 00B08200 Le 40
    expect 9000 data {ZONES:stored}
  send 00D68200 41
    expect refused-access
  send 00D68100 41
    expect refused-access
  send 00B08240 Le 01
    expect wrong-parameters
  send 00D68300 0102
    expect wrong-data
  send 00560000
    expect not-supported
  send 0CB08200 Le 01
    expect secure-messaging
  send 00200082
    expect not-found
  send 00200181 {PIN}
    expect wrong-parameters
  send 00A4020C 7777
    expect not-found
  send 002C0181 {PUK}
    expect wrong-parameters
  send 00240181 {PIN:other}
    expect wrong-parameters
  send 00200081
    expect 9000
  send 00B08200 Le 40
    expect 9000 data {ZONES:stored}

dialogue "the right PIN again keeps it open" clause 7.3
  reset
  select
  send 00200081 {PIN}
    expect 9000
  send 00200081 {PIN}
    expect 9000
  send 00B08200 Le 01
    expect 9000 data {ZONES:stored@0+1}

dialogue "a blocked PIN closes nothing that is free" clause 3.8
  reset
  select
  send 00200081 {PIN:wrong}
    expect 63C2
  send 00200081 {PIN:wrong}
    expect 63C1
  send 00200081 {PIN:wrong}
    expect 63C0
  send 00B08100 Le 06
    expect 9000 data 494741544120
  send 00B08300 Le 01
    expect 9000 data 00
  send 00B08200 Le 01
    expect refused-access
  select fci
  send 00A4020C 0002
    expect 9000
  finally
  send 002C0081 {PUK} {PIN}
    expect 9000
  send 00200081 {PIN}
    expect 9000

igata-suite 1
# Which EF is current after each way of naming one, and that only one is.
kind conform
ap D3921000310001FFFF01
value CARD-NUMBER digits 10..10
value ZONES text 0..64 pad 20 to 64
value PIN digits 4..4 secret

dialogue "SFI 0 follows SELECT and the SFI form" clause 5.4
  reset
  select
  send 00200081 {PIN}
    expect 9000
  send 00A4020C 0002
    expect 9000
  send 00B08000 Le 05
    expect 9000 data {ZONES:stored@0+5}
  send 00B08106 Le 0A
    expect 9000 data {CARD-NUMBER}
  send 00B08006 Le 0A
    expect 9000 data {CARD-NUMBER}
  send 00B00006 Le 0A
    expect 9000 data {CARD-NUMBER}
  send 00A4020C 0003
    expect 9000
  send 00B08000 Le 00
    expect 9000 data 00
  send 00D68000 5A
    expect 9000
  send 00B08300 Le 01
    expect 9000 data 5A
  finally
  send 00D68300 00
    expect 9000

dialogue "an UPDATE by SFI makes the EF current, given or not" clause 5.5
  reset
  select
  send 00A4020C 0001
    expect 9000
  send 00D68300 01
    expect refused-access
  send 00B00000 Le 00
    expect 9000 data 00
  send 00A4020C 0001
    expect 9000
  send 00D68200 41
    expect refused-access
  send 00B00000 Le 01
    expect refused-access
  send 00200081 {PIN}
    expect 9000
  send 00B00000 Le 01
    expect 9000 data {ZONES:stored@0+1}

dialogue "an SFI that does not exist leaves the current EF" clause 5.5
  reset
  select
  send 00A4020C 0001
    expect 9000
  send 00B09F00 Le 01
    expect not-found
  send 00B09E00 Le 01
    expect not-found
  send 00D69D00 00
    expect not-found
  send 00B00000 Le 06
    expect 9000 data 494741544120

dialogue "offset at the end of what P1-P2 and SFI forms can say" clause 6
  reset
  select
  send 00B081FF Le 01
    expect wrong-parameters
  send 00A4020C 0001
    expect 9000
  send 00B07FFF Le 01
    expect wrong-parameters
  send 00B00100 Le 01
    expect wrong-parameters
  send 00B0000F Le 01
    expect 9000 data {CARD-NUMBER@9+1}

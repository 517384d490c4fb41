//! Arithmetic modulo an odd number: the engine under RSA and under ECDSA on P-384.
//!
//! Only signatures are verified with it, and all their numbers are public, so nothing here is constant-time. **No
//! secret may enter.** A number is a slice of words, least significant first, as many as the modulus has;
//! there is one routine for all sizes, for the sake of flash.

use core::cell::Cell;
use core::mem;

/// What the processor multiplies at once: 32 bits on a microcontroller, 64 on a host.
pub(super) type Word = usize;

/// An odd modulus, ready to calculate with.
pub(super) struct Modulus<'a> {
    /// The highest is not zero.
    words: &'a [Word],
    /// -1 / words[0], modulo one word.
    minus_inverse: Word,
}

/// A number, and room for another of its length.
pub(super) type Roomy<'n> = (&'n mut [Word], &'n mut [Word]);

impl<'a> Modulus<'a> {
    /// `None` if it is even.
    pub(super) fn new(words: &'a [Word]) -> Option<Self> {
        let lowest = *words.first()?;
        if lowest & 1 == 0 {
            return None;
        }
        // Newton's iteration doubles the bits that are right: an odd number is its own inverse
        // modulo 8, so 3, 6, 12, 24, 48, 96. All of it is modulo one word, hence wrapping.
        let mut inverse = lowest;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(Word::wrapping_sub(2, lowest.wrapping_mul(inverse)));
        }
        Some(Self { words, minus_inverse: inverse.wrapping_neg() })
    }

    /// R² mod n, where R is 2 to the bits of the words: brings numbers into Montgomery's form.
    pub(super) fn r_squared<'n>(&self, number: &'n mut [Word], spare: &'n mut [Word]) -> Roomy<'n> {
        let (mut number, mut spare) = (number, spare);
        // The highest bit of n: below n, which is odd and no 1.
        number.fill(0);
        let highest = self.words.last().copied().unwrap_or(0);
        if let (Some(word), Some(bit)) = (number.last_mut(), highest.checked_ilog2()) {
            *word = Word::checked_shl(1, bit).unwrap_or(0);
        }
        // By doubling to R·2^odd, then by squaring (in Montgomery's form, (R·2^a)² is R·2^2a) to
        // R·2^(odd·2^s) = R·R.
        let r_bits = u32::try_from(self.words.len()).unwrap_or(0).saturating_mul(Word::BITS);
        let squarings = r_bits.trailing_zeros().min(31);
        let odd = r_bits.checked_shr(squarings).unwrap_or(0);
        for _ in 0..highest.leading_zeros().saturating_add(1).saturating_add(odd) {
            self.double(number);
        }
        for _ in 0..squarings {
            self.multiply(number, number, spare);
            mem::swap(&mut number, &mut spare);
        }
        (number, spare)
    }

    /// `number = number · 2 mod n`
    fn double(&self, number: &mut [Word]) {
        let mut carry = 0;
        for word in number.iter_mut() {
            // What is shifted out goes into the next word.
            let out = *word >> (Word::BITS - 1);
            *word = (*word << 1) | carry;
            carry = out;
        }
        self.reduce_once(number, carry);
    }

    /// `number = number + other mod n`
    #[inline(never)]
    pub(super) fn add(&self, number: &mut [Word], other: &[Word]) {
        let mut carry = false;
        for (word, other) in number.iter_mut().zip(other) {
            (*word, carry) = word.carrying_add(*other, carry);
        }
        self.reduce_once(number, Word::from(carry));
    }

    /// `number = number - other mod n`
    #[inline(never)]
    pub(super) fn subtract(&self, number: &mut [Word], other: &[Word]) {
        if take(number, other) {
            // Below zero by less than n: adding n carries the borrowed bit back out.
            let mut carry = false;
            for (word, n) in number.iter_mut().zip(self.words) {
                (*word, carry) = word.carrying_add(*n, carry);
            }
        }
    }

    /// `out = a · b / R mod n` (Montgomery 1985): adds one word times b at a time, and the
    /// multiple of n that makes the lowest word zero, which is then dropped. One of the two numbers is less than n
    /// and the other less than R, so the sum stays below 2n: one bit more than the words hold.
    #[inline(never)]
    pub(super) fn multiply(&self, a: &[Word], b: &[Word], out: &mut [Word]) {
        out.fill(0);
        let mut high = 0;
        {
            let cells = Cell::from_mut(&mut *out).as_slice_of_cells();
            let ([lowest, above @ ..], Some(highest)) = (cells, cells.last()) else { return };
            let ([b0, b_rest @ ..], [n0, n_rest @ ..]) = (b, self.words) else { return };
            for word in a {
                let (low, mut carry_b) = word.carrying_mul_add(*b0, lowest.get(), 0);
                let times = low.wrapping_mul(self.minus_inverse);
                let (_zero, mut carry_n) = times.carrying_mul_add(*n0, low, 0);
                // Each word of the sum moves one place down.
                for ((from, to), (b, n)) in above.iter().zip(cells).zip(b_rest.iter().zip(n_rest)) {
                    let low;
                    (low, carry_b) = word.carrying_mul_add(*b, from.get(), carry_b);
                    let sum;
                    (sum, carry_n) = times.carrying_mul_add(*n, low, carry_n);
                    to.set(sum);
                }
                let (top, carry1) = carry_b.overflowing_add(carry_n);
                let (top, carry2) = top.overflowing_add(high);
                highest.set(top);
                // At most one of the two overflows, as the whole is below 2n.
                high = Word::from(carry1 | carry2);
            }
        }
        self.reduce_once(out, high);
    }

    /// Takes n off once if `high`·R + `number`, which is less than 2n, is not less than n.
    pub(super) fn reduce_once(&self, number: &mut [Word], high: Word) {
        let less = number.iter().zip(self.words).rev().find(|(ours, n)| ours != n);
        if high != 0 || less.is_none_or(|(ours, n)| ours > n) {
            take(number, self.words);
        }
    }
}

/// `number = number - other`; whether that is below zero.
fn take(number: &mut [Word], other: &[Word]) -> bool {
    let mut borrow = false;
    for (word, other) in number.iter_mut().zip(other) {
        (*word, borrow) = word.borrowing_sub(*other, borrow);
    }
    borrow
}

/// Big-endian bytes as words, with zeros above them.
pub(super) fn read(bytes: &[u8], words: &mut [Word]) {
    words.fill(0);
    for (word, bytes) in words.iter_mut().zip(bytes.rchunks(size_of::<Word>())) {
        *word = bytes.iter().fold(0, |word: Word, byte| word << 8 | Word::from(*byte));
    }
}

/// Words as big-endian bytes.
pub(super) fn write(words: &[Word], bytes: &mut [u8]) {
    for (bytes, word) in bytes.rchunks_mut(size_of::<Word>()).zip(words) {
        for (to, from) in bytes.iter_mut().rev().zip(word.to_le_bytes()) {
            *to = from;
        }
    }
}

//! The kinds of token that may have a price of their own.

use super::usage::Usage;

/// The kinds of token that may have their own price. Each token is of exactly one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Input,
    CachedInput,
    CachedAudio,
    CachedImage,
    CacheWrite5m,
    CacheWrite1h,
    AudioInput,
    ImageInput,
    VideoInput,
    Output,
    Reasoning,
    AudioOutput,
    ImageOutput,
    VideoOutput,
    Citation,
}

impl TokenKind {
    pub(crate) const ALL: [Self; 15] = [
        Self::Input,
        Self::CachedInput,
        Self::CachedAudio,
        Self::CachedImage,
        Self::CacheWrite5m,
        Self::CacheWrite1h,
        Self::AudioInput,
        Self::ImageInput,
        Self::VideoInput,
        Self::Output,
        Self::Reasoning,
        Self::AudioOutput,
        Self::ImageOutput,
        Self::VideoOutput,
        Self::Citation,
    ];

    /// Returns whether tokens of this kind are received.
    pub(crate) const fn is_output(self) -> bool {
        matches!(
            self,
            Self::Output | Self::Reasoning | Self::AudioOutput | Self::ImageOutput | Self::VideoOutput | Self::Citation
        )
    }

    /// Returns whether tokens of this kind cost far more than text wherever they have a price, so that the price of text says
    /// nothing about theirs. Models without a price for sent images and videos bill them as text.
    pub(crate) const fn is_dearer_than_text(self) -> bool {
        matches!(self, Self::AudioInput | Self::AudioOutput | Self::ImageOutput | Self::VideoOutput)
    }
}

impl Usage {
    /// Returns the tokens by kind, in the order of [`TokenKind::ALL`]. Their sum is the total.
    pub(crate) fn by_kind(&self) -> [u64; TokenKind::ALL.len()] {
        let mut input = self.input_tokens;
        let mut cached = take(&mut input, self.cached_input_tokens);
        let cached_audio = take(&mut cached, self.cached_audio_tokens);
        let cached_image = take(&mut cached, self.cached_image_tokens);
        let mut of_input = |part: u64| take(&mut input, part);
        let written_5m = of_input(self.cache_write_5m_tokens);
        let written_1h = of_input(self.cache_write_1h_tokens);
        let audio_input = of_input(self.audio_input_tokens);
        let image_input = of_input(self.image_input_tokens);
        let video_input = of_input(self.video_input_tokens);
        let mut output = self.output_tokens;
        let mut of_output = |part: u64| take(&mut output, part);
        let reasoning = of_output(self.reasoning_tokens);
        let audio_output = of_output(self.audio_output_tokens);
        let image_output = of_output(self.image_output_tokens);
        let video_output = of_output(self.video_output_tokens);
        let citation = of_output(self.citation_tokens);
        [
            input,
            cached,
            cached_audio,
            cached_image,
            written_5m,
            written_1h,
            audio_input,
            image_input,
            video_input,
            output,
            reasoning,
            audio_output,
            image_output,
            video_output,
            citation,
        ]
    }

    /// Returns the tokens by the label `token_type` of the metrics. Their sum is the total.
    pub(crate) fn parts(&self) -> [(&'static str, u64); 5] {
        let (mut input, mut cached_input, mut cache_write, mut output, mut reasoning) = (0, 0, 0, 0, 0);
        for (kind, tokens) in TokenKind::ALL.into_iter().zip(self.by_kind()) {
            let part = match kind {
                TokenKind::Input | TokenKind::AudioInput | TokenKind::ImageInput | TokenKind::VideoInput => &mut input,
                TokenKind::CachedInput | TokenKind::CachedAudio | TokenKind::CachedImage => &mut cached_input,
                TokenKind::CacheWrite5m | TokenKind::CacheWrite1h => &mut cache_write,
                TokenKind::Reasoning => &mut reasoning,
                TokenKind::Output
                | TokenKind::AudioOutput
                | TokenKind::ImageOutput
                | TokenKind::VideoOutput
                | TokenKind::Citation => &mut output,
            };
            *part += tokens;
        }
        [
            ("input", input),
            ("cached_input", cached_input),
            ("cache_write", cache_write),
            ("output", output),
            ("reasoning", reasoning),
        ]
    }
}

/// Subtracts `part` from `from`, at most all of it, and returns the difference.
fn take(from: &mut u64, part: u64) -> u64 {
    let part = part.min(*from);
    *from -= part;
    part
}

#[cfg(test)]
mod tests {
    use super::{TokenKind, Usage};
    use proptest::prelude::*;

    #[test]
    fn parts_beyond_their_total_are_cut() {
        let usage = Usage {
            cached_input_tokens: 60,
            cached_audio_tokens: 50,
            cached_image_tokens: 20,
            cache_write_5m_tokens: 30,
            cache_write_1h_tokens: 30,
            audio_input_tokens: 30,
            reasoning_tokens: 15,
            audio_output_tokens: 10,
            ..Usage::new(100, 20)
        };
        assert_eq!(usage.by_kind(), [0, 0, 50, 10, 30, 10, 0, 0, 0, 0, 15, 5, 0, 0, 0]);
    }

    #[test]
    fn each_token_is_of_one_kind() {
        let usage = Usage {
            cached_input_tokens: 6,
            cached_audio_tokens: 2,
            cached_image_tokens: 3,
            cache_write_5m_tokens: 4,
            cache_write_1h_tokens: 5,
            audio_input_tokens: 6,
            image_input_tokens: 7,
            video_input_tokens: 8,
            reasoning_tokens: 10,
            audio_output_tokens: 11,
            image_output_tokens: 12,
            video_output_tokens: 13,
            citation_tokens: 14,
            ..Usage::new(36, 69)
        };
        let expected = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14];
        assert_eq!(usage.by_kind(), expected);
        assert_eq!(
            usage.parts(),
            [("input", 21), ("cached_input", 6), ("cache_write", 9), ("output", 59), ("reasoning", 10)]
        );
    }

    proptest! {
        #[test]
        fn the_parts_add_up_to_the_total(numbers: [u64; 2], parts: [u32; 13]) {
            let [input, output] = numbers.map(|n| n % (1 << 40));
            let mut usage = Usage::new(input, output);
            let fields = [
                &mut usage.cached_input_tokens,
                &mut usage.cached_audio_tokens,
                &mut usage.cached_image_tokens,
                &mut usage.cache_write_5m_tokens,
                &mut usage.cache_write_1h_tokens,
                &mut usage.audio_input_tokens,
                &mut usage.image_input_tokens,
                &mut usage.video_input_tokens,
                &mut usage.reasoning_tokens,
                &mut usage.audio_output_tokens,
                &mut usage.image_output_tokens,
                &mut usage.video_output_tokens,
                &mut usage.citation_tokens,
            ];
            for (field, part) in fields.into_iter().zip(parts) {
                *field = u64::from(part);
            }
            prop_assert_eq!(usage.parts().iter().map(|(_, n)| n).sum::<u64>(), usage.total_tokens());
            prop_assert_eq!(usage.by_kind().iter().sum::<u64>(), usage.total_tokens());
            prop_assert_eq!(usage.by_kind().len(), TokenKind::ALL.len());
        }
    }
}

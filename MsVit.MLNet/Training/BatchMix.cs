using System.Runtime.InteropServices;

namespace MsVit.MLNet;

/// <summary>How the samples of one batch are mixed with those at their mirror places.</summary>
/// <param name="Lambda">The weight of a sample's own label, 0 to 1; 1 where nothing is mixed.</param>
/// <param name="Box">What CutMix exchanges; null for mixup.</param>
internal readonly record struct BatchMix(double Lambda, PixelBox? Box = null)
{
    /// <summary>Nothing is mixed.</summary>
    public static BatchMix None { get; } = new(1);

    /// <summary>The weight with which <see cref="FrameTensor"/> mixes counts of events, which are rounded by no one: 1 if they are mixed already.</summary>
    public double FrameLambda => Box is null ? Lambda : 1;

    /// <summary>Mixes a batch, but for mixup of event frames, which waits until the counts are floats.</summary>
    /// <param name="pixels">[B, ...].</param>
    /// <param name="samples">B.</param>
    /// <param name="shape">What one sample is.</param>
    public void Apply(Span<byte> pixels, int samples, SampleShape shape)
    {
        if (Lambda == 1)
        {
            return;
        }
        if (Box is { } box)
        {
            CutMix.Apply(pixels, samples, shape, box);
        }
        else if (!shape.IsFrames && shape.IsFloat)
        {
            Mixup.Apply(MemoryMarshal.Cast<byte, float>(pixels), samples, Lambda);
        }
        else if (!shape.IsFrames)
        {
            Mixup.Apply(pixels, samples, Lambda);
        }
    }
}

using System.Runtime.InteropServices;

namespace MsVit.MLNet;

/// <summary>How the samples of one batch are mixed with those at the mirrored positions.</summary>
/// <param name="Lambda">The weight of a sample's own label, 0 to 1; 1 if nothing is mixed.</param>
/// <param name="Box">The box that CutMix exchanges; null for mixup.</param>
internal readonly record struct BatchMix(double Lambda, PixelBox? Box = null)
{
    /// <summary>Nothing is mixed.</summary>
    public static BatchMix None { get; } = new(1);

    /// <summary>
    /// The weight with which event frames are mixed once they are floats, so that no count is rounded; 1 if they are mixed already.
    /// </summary>
    public double FrameLambda => Box is null ? Lambda : 1;

    /// <summary>Mixes a batch. Mixup of event frames is left for later, when the counts are floats.</summary>
    /// <param name="pixels">[B, ...].</param>
    /// <param name="samples">B.</param>
    /// <param name="shape">The shape of one sample.</param>
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

/// <summary>Draws which batches are mixed, and how.</summary>
/// <param name="mixing">How the recipe mixes; null if it does not.</param>
/// <param name="seed">Of the draws.</param>
internal sealed class BatchMixing(Mixing? mixing, ulong seed)
{
    /// <summary>How a batch is mixed. This depends only on seed, epoch and step.</summary>
    /// <param name="epoch">From 1.</param>
    /// <param name="step">Of the epoch, from 0.</param>
    /// <param name="shape">The shape of one sample.</param>
    public BatchMix Draw(int epoch, int step, SampleShape shape)
    {
        if (mixing is null || (mixing.OffEpoch > 0 && epoch > mixing.OffEpoch))
        {
            return BatchMix.None;
        }
        var random = RandomStream.For(RandomPurpose.Mixing, seed, (ulong)epoch, (ulong)step);
        if (random.NextSingle() >= mixing.Probability)
        {
            return BatchMix.None;
        }
        var cuts = mixing.CutMixAlpha > 0 && (mixing.MixupAlpha == 0 || random.NextSingle() < mixing.SwitchProbability);
        if (!cuts)
        {
            return new(BetaDraw.Next(mixing.MixupAlpha, ref random));
        }
        var lambda = BetaDraw.Next(mixing.CutMixAlpha, ref random);
        return CutMix.Box(shape.Height, shape.Width, lambda, random.NextInt(shape.Height), random.NextInt(shape.Width)) is { } box
            ? new(CutMix.Lambda(box, shape.Height, shape.Width), box)
            : BatchMix.None;
    }
}

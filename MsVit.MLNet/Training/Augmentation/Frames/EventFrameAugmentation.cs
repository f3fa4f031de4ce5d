using System.Numerics;
using System.Runtime.InteropServices;

namespace MsVit.MLNet;

/// <summary>Augments the event frames of one sample in one epoch: drops events, chooses frames, mirrors, applies one operation.</summary>
/// <remarks>
/// The default is the reference's: mirror with probability 1/2, then one of the six <see cref="FrameOperation"/>s, each equally likely, at
/// one of 31 magnitudes with a random sign, the same for all frames. The reference draws from Python's and torch's generators, which cannot
/// be repeated here; the effect of each draw is the same to the count.
/// </remarks>
/// <param name="recipe">What to do.</param>
internal sealed class EventFrameAugmentation(EventFrameRecipe recipe) : ISampleAugmentation
{
    /// <inheritdoc/>
    public bool IsIdentity => recipe is { HorizontalFlip: false, Operations: false, DropEvents: false, TrainTimeSteps: 0 };

    /// <inheritdoc/>
    public SampleShape Result(SampleShape shape) => shape with { TimeSteps = Result(Frames(shape)).TimeSteps };

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<byte> source, SampleShape shape, Span<byte> target, ref RandomStream random)
    {
        if (shape.IsFloat)
        {
            Apply(MemoryMarshal.Cast<byte, float>(source), Frames(shape), MemoryMarshal.Cast<byte, float>(target), ref random);
        }
        else
        {
            Apply(source, Frames(shape), target, ref random);
        }
    }

    /// <summary>The shape of an augmented sample.</summary>
    /// <exception cref="ArgumentException">The recipe keeps more frames than there are.</exception>
    public FrameShape Result(FrameShape shape) => recipe.TrainTimeSteps is var kept && (kept < 0 || kept > shape.TimeSteps)
        ? throw new ArgumentException($"TrainTimeSteps is {kept}; it must be 1 to the sample's {shape.TimeSteps} frames, or 0 for all.")
        : shape with { TimeSteps = kept == 0 ? shape.TimeSteps : kept };

    /// <summary>Writes the augmented sample.</summary>
    /// <param name="source">Whole counts, [T, P, H, W], of any type.</param>
    /// <param name="shape">The shape of the source.</param>
    /// <param name="target">The augmented sample, of the shape that <see cref="Result(FrameShape)"/> gives.</param>
    /// <param name="random">The sample's own stream, keyed by (seed, epoch, sample).</param>
    public void Apply<T>(ReadOnlySpan<T> source, FrameShape shape, Span<T> target, ref RandomStream random)
        where T : unmanaged, INumber<T>
    {
        var result = Result(shape);
        // These draws are made whatever the recipe says, so that one setting does not change the draws of another.
        var mirrored = random.NextInt(2) == 1 && recipe.HorizontalFlip;
        var drawn = (FrameOperation)random.NextInt(1 + (int)FrameOperation.Cutout);
        var operation = recipe.Operations ? drawn : FrameOperation.Identity;
        var bin = random.NextInt(FrameMagnitude.Bins);
        var sign = random.NextInt(2) == 1 ? 1 : -1;
        var cutout = FrameBox.DrawCutout(shape, ref random);

        if (recipe.DropEvents)
        {
            var dropped = source.ToArray();
            EventDrop.Apply<T>(dropped, shape, ref random);
            source = dropped;
        }
        var kept = new int[result.TimeSteps];
        TemporalSubset.Draw(shape.TimeSteps, kept, ref random);
        var table = new int[shape.Plane];
        FrameWarp.Fill(operation, sign * FrameMagnitude.Of(operation, bin), shape, mirrored, table);
        for (var t = 0; t < kept.Length; t++)
        {
            FrameWarp.Apply(source.Slice(kept[t] * shape.Frame, shape.Frame), target.Slice(t * shape.Frame, shape.Frame), table);
        }
        if (operation == FrameOperation.Cutout)
        {
            cutout.Clear(target[..result.Elements], result);
        }
    }

    private static FrameShape Frames(SampleShape shape) => new(shape.TimeSteps, shape.Channels, shape.Height, shape.Width);
}

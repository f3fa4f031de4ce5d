using System.Runtime.InteropServices;

namespace MsVit.MLNet;

/// <summary>Pads a sample with zeros, crops it at random to its own size, and mirrors half of the samples.</summary>
/// <param name="Padding">Pixels added on each side, 0 for no crop.</param>
/// <param name="Flip">Whether to mirror left to right with probability 1/2.</param>
internal readonly record struct PaddedCropFlip(int Padding, bool Flip) : ISampleAugmentation
{
    /// <summary>Whether it changes nothing.</summary>
    public bool IsIdentity => Padding == 0 && !Flip;

    /// <inheritdoc/>
    public SampleShape Result(SampleShape shape) => shape;

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<byte> source, SampleShape shape, Span<byte> target, ref RandomStream random)
    {
        if (shape.IsFloat)
        {
            Apply(MemoryMarshal.Cast<byte, float>(source), MemoryMarshal.Cast<byte, float>(target), shape.Height, shape.Width, ref random);
        }
        else
        {
            Apply(source, target, shape.Height, shape.Width, ref random);
        }
    }

    /// <summary>Writes the augmented sample.</summary>
    /// <param name="source">[planes, height, width] of any element type.</param>
    /// <param name="target">As many elements as the source.</param>
    /// <param name="height">Rows of a plane.</param>
    /// <param name="width">Elements of a row.</param>
    /// <param name="random">The sample's own stream.</param>
    public void Apply<T>(ReadOnlySpan<T> source, Span<T> target, int height, int width, ref RandomStream random)
        where T : unmanaged
    {
        // Both draws are made whatever the settings are, so that one setting does not change the draws of another.
        var down = random.NextInt(2 * Padding + 1) - Padding;
        var right = random.NextInt(2 * Padding + 1) - Padding;
        var mirrored = random.NextInt(2) == 1 && Flip;

        var from = Math.Max(0, right);
        var to = Math.Min(width, width + right);
        var planes = source.Length / (height * width);
        for (var row = 0; row < planes * height; row++)
        {
            var (plane, y) = Math.DivRem(row, height);
            var line = target.Slice(row * width, width);
            line.Clear();
            var sourceY = y + down;
            if ((uint)sourceY >= (uint)height || from >= to)
            {
                continue;
            }
            // Column x of the crop is column x + right of the sample.
            source.Slice((plane * height + sourceY) * width + from, to - from).CopyTo(line[(from - right)..]);
            if (mirrored)
            {
                line.Reverse();
            }
        }
    }
}

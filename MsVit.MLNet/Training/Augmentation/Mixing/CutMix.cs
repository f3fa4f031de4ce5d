namespace MsVit.MLNet;

/// <summary>Pastes a box of each sample of a batch into the sample at the mirrored position.</summary>
/// <remarks>
/// Yun et al., "CutMix: regularization strategy to train strong classifiers with localizable features" (ICCV 2019), in timm's arrangement:
/// the sides are truncated to whole pixels and halved as integers, the box is clipped at the edges, and the share of a sample's own pixels
/// that remains becomes its weight.
/// </remarks>
internal static class CutMix
{
    /// <summary>The box around a pixel that covers about 1 - lambda of the area; null if it has no pixels.</summary>
    public static PixelBox? Box(int height, int width, double lambda, int centerY, int centerX)
    {
        var side = Math.Sqrt(1 - lambda);
        var (top, rows) = Range(centerY, (int)(height * side) / 2, height);
        var (left, columns) = Range(centerX, (int)(width * side) / 2, width);
        return rows > 0 && columns > 0 ? new(left, top, columns, rows) : null;
    }

    /// <summary>The weight of a sample's own label, 1 - area of the box / H W.</summary>
    public static double Lambda(PixelBox box, int height, int width) => 1 - ((double)box.Width * box.Height / (height * width));

    /// <summary>Exchanges the box, in every plane, between each sample and the one at the mirrored position.</summary>
    /// <param name="batch">[B, ..., H, W], the bytes of any element type.</param>
    /// <param name="samples">B.</param>
    /// <param name="shape">The shape of one sample.</param>
    /// <param name="box">The box.</param>
    public static void Apply(Span<byte> batch, int samples, SampleShape shape, PixelBox box)
    {
        var element = shape.Bytes / shape.Elements;
        var plane = shape.Height * shape.Width;
        var length = box.Width * element;
        Span<byte> row = new byte[length];
        for (var i = 0; i < samples / 2; i++)
        {
            var first = batch.Slice(i * shape.Bytes, shape.Bytes);
            var second = batch.Slice((samples - 1 - i) * shape.Bytes, shape.Bytes);
            for (var start = 0; start < shape.Elements; start += plane)
            {
                for (var y = box.Top; y < box.Top + box.Height; y++)
                {
                    var at = (start + (y * shape.Width) + box.Left) * element;
                    first.Slice(at, length).CopyTo(row);
                    second.Slice(at, length).CopyTo(first[at..]);
                    row.CopyTo(second[at..]);
                }
            }
        }
    }

    private static (int Start, int Length) Range(int center, int half, int size)
    {
        var start = Math.Clamp(center - half, 0, size);
        return (start, Math.Clamp(center + half, 0, size) - start);
    }
}

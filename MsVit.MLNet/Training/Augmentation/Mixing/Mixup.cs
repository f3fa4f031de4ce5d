namespace MsVit.MLNet;

/// <summary>Mixes each sample of a batch with the one at the mirrored position: x_i lambda + x_(B-1-i) (1 - lambda).</summary>
/// <remarks>
/// Zhang, Cisse, Dauphin and Lopez-Paz, "mixup: beyond empirical risk minimization" (ICLR 2018), in timm's arrangement: one lambda
/// per batch, each product rounded to float32 before the sum; with bytes the sum is rounded half to even. The middle sample of an odd batch
/// is not changed.
/// </remarks>
internal static class Mixup
{
    /// <summary>Mixes a batch of floats in place.</summary>
    /// <param name="batch">[B, ...].</param>
    /// <param name="samples">B.</param>
    /// <param name="lambda">0..1.</param>
    public static void Apply(Span<float> batch, int samples, double lambda)
    {
        var (own, other) = ((float)lambda, (float)(1 - lambda));
        var length = batch.Length / samples;
        for (var i = 0; i < samples / 2; i++)
        {
            var first = batch.Slice(i * length, length);
            var second = batch.Slice((samples - 1 - i) * length, length);
            for (var k = 0; k < first.Length; k++)
            {
                (first[k], second[k]) = ((first[k] * own) + (second[k] * other), (second[k] * own) + (first[k] * other));
            }
        }
    }

    /// <summary>Mixes a batch of bytes in place.</summary>
    /// <param name="batch">[B, ...].</param>
    /// <param name="samples">B.</param>
    /// <param name="lambda">0..1.</param>
    public static void Apply(Span<byte> batch, int samples, double lambda)
    {
        Span<float> own = stackalloc float[GrayTable.Levels], other = stackalloc float[GrayTable.Levels];
        for (var v = 0; v < GrayTable.Levels; v++)
        {
            (own[v], other[v]) = (v * (float)lambda, v * (float)(1 - lambda));
        }
        var length = batch.Length / samples;
        for (var i = 0; i < samples / 2; i++)
        {
            var first = batch.Slice(i * length, length);
            var second = batch.Slice((samples - 1 - i) * length, length);
            for (var k = 0; k < first.Length; k++)
            {
                var (a, b) = (first[k], second[k]);
                (first[k], second[k]) = ((byte)MathF.Round(own[a] + other[b]), (byte)MathF.Round(own[b] + other[a]));
            }
        }
    }
}

namespace MsVit.MLNet;

/// <summary>An operation on all frames of a sample: the reference's SNNAugmentWide.</summary>
internal enum FrameOperation
{
    /// <summary>Nothing.</summary>
    Identity,

    /// <summary>Shears rows sideways.</summary>
    ShearX,

    /// <summary>Shifts right or left by whole pixels.</summary>
    TranslateX,

    /// <summary>Shifts down or up by whole pixels.</summary>
    TranslateY,

    /// <summary>Rotates around the center.</summary>
    Rotate,

    /// <summary>Clears a square.</summary>
    Cutout,
}

/// <summary>The 31 magnitudes of each operation, evenly spaced from the negative to the positive maximum.</summary>
/// <remarks>
/// The reference computes them with <c>torch.linspace</c> in float32. Its arithmetic is repeated here with its rounding errors: some whole
/// numbers of pixels come out slightly too small and are truncated to the number below (0.99999988 becomes 0).
/// </remarks>
internal static class FrameMagnitude
{
    /// <summary>Magnitudes per operation.</summary>
    public const int Bins = 31;

    /// <summary>The magnitude: radians for ShearX, degrees for Rotate, pixels before truncation for the translations, else 0.</summary>
    public static float Of(FrameOperation operation, int bin) => operation switch
    {
        FrameOperation.ShearX => Linspace(0.3f, bin),
        FrameOperation.TranslateX or FrameOperation.TranslateY => Linspace(5, bin),
        FrameOperation.Rotate => Linspace(30, bin),
        _ => 0,
    };

    // Torch's AVX2 loop: two vectors of eight count up from their first element, the others count down from the end.
    private static float Linspace(float end, int bin)
    {
        const int Vector = 8;
        var step = (end + end) / (Bins - 1);
        if (bin >= 2 * Vector)
        {
            return MathF.FusedMultiplyAdd(-step, Bins - 1 - bin, end);
        }
        var first = (step * (bin / Vector * Vector)) - end;
        return first + (step * (bin % Vector));
    }
}

namespace MsVit.MLNet;

/// <summary>Draws the order and the factors of a color jitter and applies them.</summary>
internal static class Jitter
{
    /// <summary>Changes an image in place.</summary>
    /// <param name="settings">The ranges of the factors.</param>
    /// <param name="image">[C, H, W], one or three channels.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="random">The sample's own stream.</param>
    public static void Apply(ColorJitter settings, Span<byte> image, ImageShape shape, ref RandomStream random)
    {
        Span<int> order = [0, 1, 2];
        random.Shuffle(order);
        var brightness = Factor(settings.Brightness, ref random);
        var contrast = Factor(settings.Contrast, ref random);
        var saturation = Factor(settings.Saturation, ref random);
        foreach (var step in order)
        {
            switch (step)
            {
                case 0:
                    Blend.Brightness(image, brightness);
                    break;
                case 1:
                    Blend.Contrast(image, shape, contrast);
                    break;
                default:
                    Blend.Color(image, shape, saturation);
                    break;
            }
        }
    }

    private static float Factor(FactorRange? range, ref RandomStream random)
    {
        var draw = random.NextSingle();
        return range is { } r ? (float)(r.Least + ((r.Most - r.Least) * draw)) : 1;
    }
}

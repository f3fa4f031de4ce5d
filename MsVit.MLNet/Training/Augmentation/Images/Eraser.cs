using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>Draws the boxes of random erasing and the noise that fills them.</summary>
/// <param name="settings">How often, how many, and with what.</param>
internal sealed class Eraser(Erasing settings)
{
    private const int Tries = 10;
    private const double LeastArea = 0.02;
    private const double MostArea = 1.0 / 3;
    private const double LeastRatio = 0.3;

    /// <summary>Draws the boxes for one sample.</summary>
    /// <param name="sample">The position in the batch.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="random">The sample's own stream.</param>
    /// <param name="boxes">Receives the boxes.</param>
    public void Draw(int sample, SampleShape shape, ref RandomStream random, ICollection<ErasedBox> boxes)
    {
        if (random.NextSingle() >= settings.Probability)
        {
            return;
        }
        for (var i = 0; i < settings.Count; i++)
        {
            for (var tried = 0; tried < Tries; tried++)
            {
                var (height, width) = Size(shape.Height, shape.Width, settings.Count, random.NextSingle(), random.NextSingle());
                if (!Fits(height, width, shape.Height, shape.Width))
                {
                    continue;
                }
                var top = random.NextInt(shape.Height - height + 1);
                var left = random.NextInt(shape.Width - width + 1);
                boxes.Add(new(sample, new(left, top, width, height), Noise(shape.Channels, height * width, ref random)));
                break;
            }
        }
    }

    /// <summary>The size for two draws from [0, 1), rounded half to even. It may not fit.</summary>
    public static (int Height, int Width) Size(int height, int width, int count, double areaDraw, double ratioDraw)
    {
        var area = height * width * (LeastArea + ((MostArea - LeastArea) * areaDraw)) / count;
        var (low, high) = (Math.Log(LeastRatio), Math.Log(1 / LeastRatio));
        var ratio = Math.Exp(low + ((high - low) * ratioDraw));
        return ((int)Math.Round(Math.Sqrt(area * ratio)), (int)Math.Round(Math.Sqrt(area / ratio)));
    }

    /// <summary>Whether a box of this size is erased: it must have pixels and be smaller than the image on both sides.</summary>
    public static bool Fits(int boxHeight, int boxWidth, int height, int width) =>
        boxHeight > 0 && boxWidth > 0 && boxHeight < height && boxWidth < width;

    private float[] Noise(int channels, int pixels, ref RandomStream random)
    {
        var noise = new float[settings.Mode switch { ErasingMode.Const => 0, ErasingMode.Rand => channels, _ => channels * pixels }];
        foreach (ref var value in noise.AsSpan())
        {
            value = random.NextNormal();
        }
        return noise;
    }
}

/// <summary>A box of one sample of a batch, and what fills it after normalization.</summary>
/// <param name="Sample">The position in the batch.</param>
/// <param name="Box">The pixels.</param>
/// <param name="Noise">Empty for 0, one value per channel, or one per channel and pixel of the box, [C, h, w].</param>
internal readonly record struct ErasedBox(int Sample, PixelBox Box, float[] Noise)
{
    /// <summary>Fills the box.</summary>
    /// <param name="input">[B, C, H, W] float32, normalized.</param>
    public void Apply(Tensor input)
    {
        using var scope = NewDisposeScope();
        var pixels = input[Sample].narrow(1, Box.Top, Box.Height).narrow(2, Box.Left, Box.Width);
        if (Noise.Length == 0)
        {
            pixels.zero_();
            return;
        }
        var channels = input.shape[1];
        var noise = DeviceTransfer.Send(tensor(Noise), input.device);
        pixels.copy_(Noise.Length == channels ? noise.view(channels, 1, 1) : noise.view(channels, Box.Height, Box.Width));
    }
}

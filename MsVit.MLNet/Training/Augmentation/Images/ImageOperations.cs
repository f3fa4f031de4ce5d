using System.Buffers;

namespace MsVit.MLNet;

/// <summary>Applies one operation of RandAugment to an image, in place.</summary>
/// <param name="Filter">The interpolation of rotations, shears and shifts.</param>
/// <param name="Fill">The level of each channel outside of the image.</param>
internal sealed record ImageOperations(WarpFilter Filter, byte[] Fill)
{
    /// <summary>Applies an operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="argument">Its argument, from <see cref="OperationArgument"/>.</param>
    /// <param name="image">[C, H, W], one or three channels.</param>
    /// <param name="shape">Its shape.</param>
    public void Apply(ImageOperation operation, double argument, Span<byte> image, ImageShape shape)
    {
        Span<byte> table = stackalloc byte[GrayTable.Levels];
        switch (operation)
        {
            case ImageOperation.AutoContrast or ImageOperation.Equalize:
                for (var c = 0; c < shape.Channels; c++)
                {
                    var plane = image.Slice(c * shape.Plane, shape.Plane);
                    if (operation == ImageOperation.AutoContrast ? GrayTable.AutoContrast(plane, table) : GrayTable.Equalize(plane, table))
                    {
                        GrayTable.Apply(plane, table);
                    }
                }
                break;
            case ImageOperation.Invert:
                GrayTable.Invert(table);
                GrayTable.Apply(image, table);
                break;
            case ImageOperation.PosterizeIncreasing:
                GrayTable.Posterize(table, (int)argument);
                GrayTable.Apply(image, table);
                break;
            case ImageOperation.SolarizeIncreasing:
                GrayTable.Solarize(table, (int)argument);
                GrayTable.Apply(image, table);
                break;
            case ImageOperation.SolarizeAdd:
                GrayTable.SolarizeAdd(table, (int)argument);
                GrayTable.Apply(image, table);
                break;
            case ImageOperation.ColorIncreasing:
                Blend.Color(image, shape, (float)argument);
                break;
            case ImageOperation.ContrastIncreasing:
                Blend.Contrast(image, shape, (float)argument);
                break;
            case ImageOperation.BrightnessIncreasing:
                Blend.Brightness(image, (float)argument);
                break;
            case ImageOperation.SharpnessIncreasing:
                Sharpening.Apply(image, shape, (float)argument);
                break;
            case ImageOperation.Rotate:
                // A rotation by 0 copies; the map would too, if its constants were not rounded.
                if (argument != 0)
                {
                    Warp(AffineMap.Rotate(argument, shape.Width, shape.Height), image, shape);
                }
                break;
            case ImageOperation.ShearX:
                Warp(AffineMap.ShearX(argument), image, shape);
                break;
            case ImageOperation.ShearY:
                Warp(AffineMap.ShearY(argument), image, shape);
                break;
            case ImageOperation.TranslateXRel:
                Warp(AffineMap.Translate(argument * shape.Width, 0), image, shape);
                break;
            default:
                Warp(AffineMap.Translate(0, argument * shape.Height), image, shape);
                break;
        }
    }

    private void Warp(AffineMap map, Span<byte> image, ImageShape shape)
    {
        var rented = ArrayPool<byte>.Shared.Rent(image.Length);
        var source = rented.AsSpan(0, image.Length);
        image.CopyTo(source);
        if (Filter == WarpFilter.Nearest)
        {
            NearestWarp.Apply(source, shape, map, Fill, image);
        }
        else
        {
            AffineWarp.Apply(source, shape, map, Filter, Fill, image);
        }
        ArrayPool<byte>.Shared.Return(rented);
    }
}

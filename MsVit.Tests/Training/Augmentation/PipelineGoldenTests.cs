using System.Text.Json;
using MsVit.MLNet;
using MsVit.Tests.Data.Images;
using MsVit.Tests.Golden;
using TorchSharp;

namespace MsVit.Tests.Training.Augmentation;

public sealed class PipelineGoldenTests
{
    private const float Tolerance = 1e-6f;

    [NeedsAugmentGoldenFact]
    public void Normalized_levels_are_the_recorded_ones()
    {
        using var golden = new AugmentGolden("normalise");
        foreach (var recorded in golden.Cases)
        {
            var name = recorded.GetProperty("input").GetString()!;
            var shape = golden.Image(name);
            using var input = Normalization(recorded).Apply(golden.Bytes(name), 1, shape.Height, shape.Width, isFloat: false, torch.CPU);
            Close(golden.Floats(recorded.GetProperty("output").GetString()!), input.data<float>().ToArray());
        }
    }

    [NeedsAugmentGoldenFact]
    public void Erased_boxes_are_the_recorded_ones()
    {
        using var golden = new AugmentGolden("erasing");
        foreach (var recorded in golden.Cases)
        {
            var name = recorded.GetProperty("input").GetString()!;
            var shape = golden.Image(name);
            var (height, width) = Eraser.Size(shape.Height, shape.Width, 1, recorded.GetProperty("u_area").GetDouble(),
                recorded.GetProperty("u_log_ratio").GetDouble());
            Assert.Equal((Number(recorded, "height"), Number(recorded, "width")), (height, width));
            using var input = torch.tensor(golden.Floats(name)).view(1, shape.Channels, shape.Height, shape.Width);
            Box(recorded, golden).Apply(input);
            Assert.Equal(golden.Floats(recorded.GetProperty("output").GetString()!), input.data<float>().ToArray());
        }
    }

    [NeedsAugmentGoldenFact]
    public void Draws_give_the_recorded_sizes_of_erased_boxes_and_of_crops()
    {
        using var erasing = new AugmentGolden("erasing");
        foreach (var draw in erasing.List("box_size_draws"))
        {
            var (height, width) = (Number(draw, "height"), Number(draw, "width"));
            var box = Eraser.Size(height, width, Number(draw, "count"), draw.GetProperty("u_area").GetDouble(),
                draw.GetProperty("u_log_ratio").GetDouble());
            Assert.Equal((Number(draw, "box_height"), Number(draw, "box_width")), box);
            Assert.Equal(draw.GetProperty("accepted").GetBoolean(), Eraser.Fits(box.Height, box.Width, height, width));
        }
        using var resize = new AugmentGolden("resize");
        foreach (var draw in resize.List("crop_size_draws"))
        {
            var (width, height) = (Number(draw, "width"), Number(draw, "height"));
            var crop = CropBox.Size(new(), width, height, draw.GetProperty("u_area").GetDouble(),
                draw.GetProperty("u_log_ratio").GetDouble());
            Assert.Equal((Number(draw, "crop_width"), Number(draw, "crop_height")), crop);
            Assert.Equal(draw.GetProperty("accepted").GetBoolean(), crop.Width <= width && crop.Height <= height);
        }
    }

    [NeedsAugmentGoldenFact(Photos = true)]
    public void Whole_transforms_give_the_recorded_tensors()
    {
        using var golden = new AugmentGolden("pipelines");
        foreach (var recorded in golden.Cases)
        {
            var size = Number(recorded, "size");
            var shape = new ImageShape(RgbImage.Channels, size, size);
            var image = new byte[shape.Length];
            var box = new PixelBox(
                Number(recorded, "crop_left"), Number(recorded, "crop_top"), Number(recorded, "crop_width"),
                    Number(recorded, "crop_height"));
            new ImageFitter(size, size, RgbImage.Channels, ImageFit.Stretch).Fit(Source(recorded, golden), box, image);
            if (recorded.GetProperty("flip").GetBoolean())
            {
                for (var row = 0; row < image.Length; row += size)
                {
                    image.AsSpan(row, size).Reverse();
                }
            }
            var operations = new ImageOperations(
                Enum.Parse<WarpFilter>(recorded.GetProperty("resample").GetString()!, ignoreCase: true),
                [.. recorded.GetProperty("fill").EnumerateArray().Select(level => level.GetByte())]);
            foreach (var step in recorded.GetProperty("steps").EnumerateArray())
            {
                var operation = Enum.Parse<ImageOperation>(step.GetProperty("op").GetString()!);
                var argument = OperationArgument.Of(operation, step.GetProperty("magnitude").GetDouble(), Number(step, "sign") < 0);
                operations.Apply(operation, argument, image, shape);
            }
            Assert.Equal(golden.Bytes(recorded.GetProperty("before_normalising").GetString()!), image);

            using var input = Normalization(recorded).Apply(image, 1, size, size, isFloat: false, torch.CPU);
            Box(recorded.GetProperty("erase"), golden, recorded.GetProperty("output").GetString()).Apply(input);
            Close(golden.Floats(recorded.GetProperty("output").GetString()!), input.data<float>().ToArray());
            Assert.Equal([.. operations.Fill], ImageAugmentation.MeanColor(Normalization(recorded)));
        }
    }

    private static RgbImage Source(JsonElement recorded, AugmentGolden golden)
    {
        var name = recorded.GetProperty("source").GetString()!;
        if (!name.StartsWith("in.", StringComparison.Ordinal))
        {
            return ImageDecoder.Decode(File.ReadAllBytes(AugmentFolder.Photo(name)), name);
        }
        var shape = golden.Image(name);
        return TestImages.FromPlanar(golden.Bytes(name), shape.Width, shape.Height);
    }

    /// <summary>The recorded box with the part of the recorded noise that belongs into it.</summary>
    private static ErasedBox Box(JsonElement recorded, AugmentGolden golden, string? pipeline = null)
    {
        var box = new PixelBox(Number(recorded, "left"), Number(recorded, "top"), Number(recorded, "width"), Number(recorded, "height"));
        var mode = recorded.GetProperty("mode").GetString();
        if (mode == "const")
        {
            return new(0, box, []);
        }
        var name = pipeline is null ? "noise" : pipeline + ".noise";
        var (noise, shape) = (golden.Floats(name), golden.Image(name));
        var (height, width) = mode == "rand" ? (1, 1) : (box.Height, box.Width);
        return new(0, box,
        [
            .. from c in Enumerable.Range(0, shape.Channels)
               from y in Enumerable.Range(0, height)
               from x in Enumerable.Range(0, width)
               select noise[(c * shape.Plane) + (y * shape.Width) + x],
        ]);
    }

    private static PixelNormalization Normalization(JsonElement recorded) =>
        new(Floats(recorded, "mean"), Floats(recorded, "std"), byte.MaxValue);

    private static float[] Floats(JsonElement recorded, string name) =>
        [.. recorded.GetProperty(name).EnumerateArray().Select(value => value.GetSingle())];

    private static int Number(JsonElement recorded, string name) => recorded.GetProperty(name).GetInt32();

    private static void Close(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.InRange(actual[i], expected[i] - Tolerance, expected[i] + Tolerance);
        }
    }
}

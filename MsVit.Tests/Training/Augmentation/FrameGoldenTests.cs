using System.Text.Json;
using MsVit.MLNet;
using MsVit.Tests.Golden;

namespace MsVit.Tests.Training.Augmentation;

public sealed class FrameGoldenTests
{
    [NeedsAugmentGoldenFact]
    public void Every_recorded_operation_gives_the_recorded_counts()
    {
        using var golden = new AugmentGolden("events");
        var count = 0;
        foreach (var recorded in golden.Cases)
        {
            var input = recorded.GetProperty("input").GetString()!;
            var output = Augment(recorded, golden.Bytes(input), golden.Shape(input));
            Assert.True(golden.Bytes(recorded.GetProperty("output").GetString()!).SequenceEqual(output), $"{recorded}");
            count++;
        }
        Assert.Equal(184, count);
    }

    [NeedsAugmentGoldenFact]
    public void The_magnitudes_are_the_recorded_ones_to_the_last_bit()
    {
        using var golden = new AugmentGolden("events");
        Check("bins.ShearX", FrameOperation.ShearX);
        Check("bins.Translate", FrameOperation.TranslateX);
        Check("bins.Translate", FrameOperation.TranslateY);
        Check("bins.Rotate", FrameOperation.Rotate);

        void Check(string tensor, FrameOperation operation) =>
            Assert.Equal(golden.Floats(tensor), Enumerable.Range(0, FrameMagnitude.Bins).Select(bin => FrameMagnitude.Of(operation, bin)));
    }

    [NeedsAugmentGoldenFact]
    public void The_sides_of_the_cut_out_squares_are_the_recorded_ones()
    {
        using var golden = new AugmentGolden("events");
        foreach (var draw in golden.Document.GetProperty("cutout_side_draws").EnumerateArray())
        {
            var shape = new FrameShape(1, 1, draw.GetProperty("height").GetInt32(), draw.GetProperty("width").GetInt32());
            Assert.Equal(draw.GetProperty("side").GetInt32(), FrameBox.CutoutSide(shape, draw.GetProperty("u_area").GetDouble()));
        }
    }

    [NeedsAugmentGoldenFact]
    public void Mixed_batches_are_the_recorded_ones()
    {
        using var golden = new AugmentGolden("mixing");
        var count = 0;
        foreach (var recorded in golden.Cases.Where(c => c.GetProperty("kind").GetString() == "mixup"))
        {
            if (recorded.GetProperty("input").GetString() is "in.f32" or "in.frames")
            {
                var batch = golden.Floats(recorded.GetProperty("input").GetString()!);
                Mixup.Apply(batch, samples: 4, recorded.GetProperty("lambda").GetDouble());
                Assert.Equal(golden.Floats(recorded.GetProperty("output").GetString()!), batch);
                count++;
            }
        }
        Assert.Equal(4, count);
    }

    private static byte[] Augment(JsonElement recorded, byte[] source, FrameShape shape)
    {
        var name = recorded.GetProperty("op").GetString()!;
        var isMirrored = name == "HorizontalFlip";
        var operation = isMirrored ? FrameOperation.Identity : Enum.Parse<FrameOperation>(name);
        var target = new byte[source.Length];
        var table = new int[shape.Plane];
        var magnitude = recorded.TryGetProperty("magnitude", out var value) ? value.GetDouble() : 0;
        if (recorded.TryGetProperty("bin", out var bin))
        {
            Assert.Equal(magnitude, recorded.GetProperty("sign").GetInt32() * (double)FrameMagnitude.Of(operation, bin.GetInt32()));
        }
        FrameWarp.Fill(operation, magnitude, shape, isMirrored, table);
        FrameWarp.Apply<byte>(source, target, table);
        if (operation == FrameOperation.Cutout)
        {
            var side = recorded.GetProperty("side").GetInt32();
            new FrameBox(recorded.GetProperty("top").GetInt32(), recorded.GetProperty("left").GetInt32(), side, side).Clear<byte>(target, shape);
        }
        return target;
    }
}

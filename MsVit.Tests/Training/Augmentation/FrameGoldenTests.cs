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
        foreach (var recorded in golden.Cases)
        {
            var input = recorded.GetProperty("input").GetString()!;
            var output = Augment(recorded, golden.Bytes(input), golden.Shape(input));
            Assert.True(golden.Bytes(recorded.GetProperty("output").GetString()!).SequenceEqual(output), $"{recorded}");
        }
    }

    [NeedsAugmentGoldenFact]
    public void The_magnitudes_are_the_recorded_ones_to_the_last_bit()
    {
        using var golden = new AugmentGolden("events");
        const string Bins = "bins.";
        // Those of Translate are TranslateX's and TranslateY's.
        var recorded = (
            from name in golden.Names.Where(name => name.StartsWith(Bins, StringComparison.Ordinal))
            from operation in Enum.GetValues<FrameOperation>()
            where operation.ToString().StartsWith(name[Bins.Length..], StringComparison.Ordinal)
            select (Values: golden.Floats(name), Operation: operation)).ToList();
        Assert.NotEmpty(recorded);
        Assert.All(recorded, bins => Assert.Equal(
            bins.Values, Enumerable.Range(0, FrameMagnitude.Bins).Select(bin => FrameMagnitude.Of(bins.Operation, bin))));
    }

    [NeedsAugmentGoldenFact]
    public void The_sides_of_the_cut_out_squares_are_the_recorded_ones()
    {
        using var golden = new AugmentGolden("events");
        foreach (var draw in golden.List("cutout_side_draws"))
        {
            var shape = new FrameShape(1, 1, draw.GetProperty("height").GetInt32(), draw.GetProperty("width").GetInt32());
            Assert.Equal(draw.GetProperty("side").GetInt32(), FrameBox.CutoutSide(shape, draw.GetProperty("u_area").GetDouble()));
        }
    }

    [NeedsAugmentGoldenFact]
    public void Mixed_batches_are_the_recorded_ones()
    {
        using var golden = new AugmentGolden("mixing");
        var mixed = golden.Cases
            .Where(c => c.GetProperty("kind").GetString() == "mixup" && golden.IsFloat(c.GetProperty("input").GetString()!)).ToList();
        Assert.NotEmpty(mixed);
        foreach (var recorded in mixed)
        {
            var name = recorded.GetProperty("input").GetString()!;
            var batch = golden.Floats(name);
            Mixup.Apply(batch, (int)golden.Axes(name)[0], recorded.GetProperty("lambda").GetDouble());
            Assert.Equal(golden.Floats(recorded.GetProperty("output").GetString()!), batch);
        }
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
            new FrameBox(recorded.GetProperty("top").GetInt32(), recorded.GetProperty("left").GetInt32(), side, side).Clear<byte>(
                target, shape);
        }
        return target;
    }
}

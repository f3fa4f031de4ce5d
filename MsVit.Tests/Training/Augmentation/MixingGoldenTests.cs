using System.Runtime.InteropServices;
using System.Text.Json;
using MsVit.MLNet;
using MsVit.Tests.Golden;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Augmentation;

public sealed class MixingGoldenTests
{
    [NeedsAugmentGoldenFact]
    public void Mixed_and_cut_batches_are_the_recorded_ones()
    {
        using var golden = new AugmentGolden("mixing");
        var ofImages = golden.Cases.Where(c => golden.Axes(c.GetProperty("input").GetString()!).Length == 4).ToList();
        Assert.NotEmpty(ofImages);
        foreach (var recorded in ofImages)
        {
            var name = recorded.GetProperty("input").GetString()!;
            var (axes, isFloat) = (golden.Axes(name), golden.IsFloat(name));
            var batch = isFloat ? MemoryMarshal.AsBytes<float>(golden.Floats(name)).ToArray() : golden.Bytes(name);
            var output = recorded.GetProperty("output").GetString()!;
            var expected = isFloat ? MemoryMarshal.AsBytes<float>(golden.Floats(output)).ToArray() : golden.Bytes(output);
            Mix(recorded, golden).Apply(batch, (int)axes[0], new SampleShape((int)axes[1], (int)axes[2], (int)axes[3], isFloat));
            Assert.True(expected.SequenceEqual(batch), $"{recorded}");
        }
    }

    [NeedsAugmentGoldenFact]
    public void The_loss_of_a_mixed_batch_is_the_cross_entropy_with_the_recorded_targets()
    {
        using var golden = new AugmentGolden("mixing");
        using var scope = NewDisposeScope();
        var labels = golden.Labels(golden.Document.GetProperty("labels").GetString()!);
        var classes = golden.Document.GetProperty("num_classes").GetInt32();
        var random = new RandomStream(1, 2, 3);
        var values = new float[labels.Length * classes];
        foreach (ref var value in values.AsSpan())
        {
            value = random.NextNormal();
        }
        var logits = tensor(values).view(labels.Length, classes);
        using var loss = new ClassLoss(golden.Document.GetProperty("smoothing").GetDouble());
        foreach (var recorded in golden.Cases)
        {
            var target = tensor(golden.Floats(recorded.GetProperty("target").GetString()!)).view(labels.Length, classes);
            var expected = -(target * logits.log_softmax(1)).sum() / labels.Length;
            var found = loss.Of(logits, tensor(labels), tensor(labels).flip(0), Mix(recorded, golden).Lambda);
            Assert.Equal(expected.ToDouble(), found.ToDouble(), 1e-6);
        }
    }

    private static BatchMix Mix(JsonElement recorded, AugmentGolden golden)
    {
        var axes = golden.Axes(recorded.GetProperty("input").GetString()!);
        var (height, width) = ((int)axes[^2], (int)axes[^1]);
        var lambda = recorded.GetProperty("lambda").GetDouble();
        if (recorded.GetProperty("kind").GetString() == "mixup")
        {
            return new(lambda);
        }
        var box = CutMix.Box(height, width, lambda, Number("centre_y"), Number("centre_x"))!.Value;
        Assert.Equal(new PixelBox(Number("x0"), Number("y0"), Number("x1") - Number("x0"), Number("y1") - Number("y0")), box);
        Assert.Equal(recorded.GetProperty("lambda_used").GetDouble(), CutMix.Lambda(box, height, width));
        return new(CutMix.Lambda(box, height, width), box);

        int Number(string name) => recorded.GetProperty(name).GetInt32();
    }
}

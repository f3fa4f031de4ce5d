using System.Runtime.InteropServices;
using System.Text.Json;
using MsVit.MLNet;
using MsVit.Tests.Golden;
using TorchSharp;
using static TorchSharp.torch;

namespace MsVit.Tests.Training.Augmentation;

public sealed class MixingGoldenTests
{
    private const int Samples = 4;
    private const int Side = 16;
    private const double Smoothing = 0.1;

    [NeedsAugmentGoldenFact]
    public void Mixed_and_cut_batches_are_the_recorded_ones()
    {
        using var golden = new AugmentGolden("mixing");
        var count = 0;
        foreach (var recorded in golden.Cases.Where(c => c.GetProperty("input").GetString() != "in.frames"))
        {
            var name = recorded.GetProperty("input").GetString()!;
            var isFloat = name == "in.f32";
            var batch = isFloat ? MemoryMarshal.AsBytes<float>(golden.Floats(name)).ToArray() : golden.Bytes(name);
            var output = recorded.GetProperty("output").GetString()!;
            var expected = isFloat ? MemoryMarshal.AsBytes<float>(golden.Floats(output)).ToArray() : golden.Bytes(output);
            Mix(recorded).Apply(batch, Samples, new SampleShape(3, Side, Side, isFloat));
            Assert.True(expected.SequenceEqual(batch), $"{recorded}");
            count++;
        }
        Assert.Equal(12, count);
    }

    [NeedsAugmentGoldenFact]
    public void The_loss_of_a_mixed_batch_is_the_cross_entropy_with_the_recorded_targets()
    {
        using var golden = new AugmentGolden("mixing");
        using var scope = NewDisposeScope();
        var labels = golden.Labels("in.labels");
        var random = new RandomStream(1, 2, 3);
        var values = new float[labels.Length * 10];
        foreach (ref var value in values.AsSpan())
        {
            value = random.NextNormal();
        }
        var logits = tensor(values).view(labels.Length, 10);
        using var loss = new ClassLoss(Smoothing);
        foreach (var recorded in golden.Cases)
        {
            var target = tensor(golden.Floats(recorded.GetProperty("target").GetString()!)).view(labels.Length, 10);
            var expected = -(target * logits.log_softmax(1)).sum() / labels.Length;
            Assert.Equal(expected.ToDouble(), loss.Of(logits, tensor(labels), tensor(labels).flip(0), Mix(recorded).Lambda).ToDouble(), 1e-6);
        }
    }

    private static BatchMix Mix(JsonElement recorded)
    {
        var lambda = recorded.GetProperty("lambda").GetDouble();
        if (recorded.GetProperty("kind").GetString() == "mixup")
        {
            return new(lambda);
        }
        var box = CutMix.Box(Side, Side, lambda, Number("centre_y"), Number("centre_x"))!.Value;
        Assert.Equal(new PixelBox(Number("x0"), Number("y0"), Number("x1") - Number("x0"), Number("y1") - Number("y0")), box);
        Assert.Equal(recorded.GetProperty("lambda_used").GetDouble(), CutMix.Lambda(box, Side, Side));
        return new(CutMix.Lambda(box, Side, Side), box);

        int Number(string name) => recorded.GetProperty(name).GetInt32();
    }
}

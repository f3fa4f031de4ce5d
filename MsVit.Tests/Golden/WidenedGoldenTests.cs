using TorchSharp;

namespace MsVit.Tests.Golden;

/// <summary>The recorded networks are narrow. Wide layers take other paths and must give the same numbers.</summary>
public sealed class WidenedGoldenTests
{
    /// <summary>The cases, and how many times as wide they become. Heads of self-attention then have at least 16 channels.</summary>
    public static IReadOnlyList<(string Label, int Times)> Widened { get; } =
    [
        ("committed/cifar10_d32", 4),
        ("committed/cifar10_plif_d32", 4),
        ("committed/imagenet_d48", 4),
        ("committed/dvs128_d32", 8),
        ("committed/cifar10dvs_d32", 8),
        ("committed/qkformer_cifar10_d32", 4),
        ("committed/spikformer_cifar10_d32", 2),
        ("committed/spikformer_cifar10_d32", 4),    // few tokens beside the channels of a head
    ];

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (var (label, times) in Widened)
            {
                cases.Add(label, times);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Dead_channels_between_the_recorded_ones_leave_a_training_step_as_it_was(string label, int times) =>
        RecordedNetwork.CheckTrainingStep(label, torch.CPU, times);
}

using MsVit.MLNet;
using MsVit.MLNet.Analysis;

namespace MsVit.Trainer.Runs;

/// <summary>What a preset is for, and its size.</summary>
/// <param name="Preset">The preset.</param>
/// <param name="Data">The data that it takes.</param>
/// <param name="Use">When to choose it.</param>
internal sealed record PresetUse(MsVitConfig Preset, string Data, string Use)
{
    private const string Images = "images", Recordings = "recordings";
    private const string Cifar10 = "CIFAR-10", Cifar100 = "CIFAR-100", ImageNet = "ImageNet";
    private const string Cifar10Dvs = "CIFAR10-DVS", Gesture = "DVS128 Gesture";
    private const string QKFormer = "comparison with QKFormer (2024)", Spikformer = "comparison with Spikformer (2023)";

    private static readonly Dictionary<string, (string Data, string Use)> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["tiny-32"] = (Images, "a first try on a CPU, in a minute"),
        ["laptop-32"] = (Images, "your own images on a CPU, in minutes, from random weights"),
        ["photo-32"] = (Images, "the network of starter-32: integer neurons"),
        ["photo-64"] = (Images, "the network of starter-64: integer neurons"),
        ["laptop-dvs"] = (Recordings, "your own recordings on a CPU, in minutes; the default"),
        ["cifar10-4-384"] = (Cifar10, "the paper's; your own small images on a GPU"),
        ["cifar100-4-384"] = (Cifar100, "the paper's; a GPU"),
        ["cifar100-4-384-released"] = (Cifar100, "as released, for the released weights"),
        ["imagenet-10-384"] = (ImageNet, "the paper's; your own photos at 224 x 224 on a GPU"),
        ["imagenet-10-512"] = (ImageNet, "the paper's; a large GPU"),
        ["imagenet-10-768"] = (ImageNet, "the paper's best; a large GPU"),
        ["cifar10-dvs"] = (Cifar10Dvs, "the paper's; your own recordings at 128 x 128"),
        ["dvs128-gesture"] = (Gesture, "the paper's; your own gestures at 128 x 128"),
        ["cifar10-dvs-released"] = (Cifar10Dvs, "as released, with its crashes fixed"),
        ["dvs128-gesture-released"] = (Gesture, "as released, with its crashes fixed"),
        ["qkformer-imagenet-10-384"] = (ImageNet, QKFormer),
        ["qkformer-imagenet-10-512"] = (ImageNet, QKFormer),
        ["qkformer-imagenet-10-768"] = (ImageNet, QKFormer),
        ["qkformer-cifar10-4-384"] = (Cifar10, QKFormer),
        ["qkformer-cifar100-4-384"] = (Cifar100, QKFormer),
        ["qkformer-cifar10-dvs"] = (Cifar10Dvs, QKFormer),
        ["qkformer-dvs128-gesture"] = (Gesture, QKFormer),
        ["spikformer-imagenet-8-384"] = (ImageNet, Spikformer),
        ["spikformer-imagenet-8-512"] = (ImageNet, Spikformer),
        ["spikformer-imagenet-8-768"] = (ImageNet, Spikformer),
        ["spikformer-cifar10-4-384"] = (Cifar10, Spikformer),
        ["spikformer-cifar100-4-384"] = (Cifar100, Spikformer),
        ["spikformer-cifar10-dvs"] = (Cifar10Dvs, Spikformer),
        ["spikformer-dvs128-gesture"] = (Gesture, Spikformer),
    };

    private readonly SynapticOperations _operations = SynapticOperations.Of(Preset);

    /// <summary>What is written about a preset.</summary>
    public static PresetUse Of(MsVitConfig preset) => new(preset, Known[preset.Name].Data, Known[preset.Name].Use);

    /// <summary>Whether it is meant for a user's own data rather than for a published data set.</summary>
    public bool IsForOwnData => Data is Images or Recordings;

    /// <summary>The number of parameters.</summary>
    public long Parameters => _operations.Parameters;

    /// <summary>Multiplications or additions for one sample, over all time steps, if every neuron fired.</summary>
    public long Operations => _operations.Layers.Sum(layer => layer.Macs * SynapticOperations.Runs(layer, Preset.TimeSteps));
}

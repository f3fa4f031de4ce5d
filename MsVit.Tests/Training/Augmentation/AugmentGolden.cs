using System.Text.Json;
using MsVit.MLNet;
using MsVit.Tests.Golden;

namespace MsVit.Tests.Training.Augmentation;

/// <summary>One pair of files of <see cref="AugmentFolder"/>, recorded from the reference's own Python.</summary>
internal sealed class AugmentGolden(string name) : IDisposable
{
    private readonly SafetensorsFile _file = SafetensorsReader.Read(Path.Combine(AugmentFolder.Path, name + ".safetensors"));

    public JsonElement Document { get; } = JsonDocument.Parse(
        File.ReadAllBytes(Path.Combine(AugmentFolder.Path, name + ".json"))).RootElement;

    /// <summary>All that was recorded: at least one case.</summary>
    public IReadOnlyList<JsonElement> Cases => List("cases");

    /// <summary>The names of the tensors.</summary>
    public IEnumerable<string> Names => _file.Tensors.Keys;

    /// <summary>A list of the document that is not empty.</summary>
    public IReadOnlyList<JsonElement> List(string name)
    {
        var items = Document.GetProperty(name).EnumerateArray().ToList();
        Assert.NotEmpty(items);
        return items;
    }

    public bool IsFloat(string tensor) => _file.Tensors[tensor].dtype == TorchSharp.torch.float32;

    public long[] Axes(string tensor) => _file.Tensors[tensor].shape;

    public byte[] Bytes(string tensor) => _file.Tensors[tensor].data<byte>().ToArray();

    public float[] Floats(string tensor) => _file.Tensors[tensor].data<float>().ToArray();

    public long[] Labels(string tensor) => _file.Tensors[tensor].data<long>().ToArray();

    /// <summary>Of an image [C, H, W].</summary>
    public ImageShape Image(string tensor)
    {
        var shape = _file.Tensors[tensor].shape;
        return new((int)shape[0], (int)shape[1], (int)shape[2]);
    }

    public FrameShape Shape(string tensor)
    {
        var shape = _file.Tensors[tensor].shape;
        return new((int)shape[0], (int)shape[1], (int)shape[2], (int)shape[3]);
    }

    public void Dispose() => _file.Dispose();
}

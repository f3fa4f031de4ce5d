using System.Buffers.Binary;
using System.Text.Json;
using MsVit.MLNet;
using MsVit.Tests.Golden;

namespace MsVit.Tests.Data.Images;

/// <summary>The images that Pillow 9.4 resized, recorded in resize.* of <see cref="AugmentFolder"/>.</summary>
internal sealed class ResizeGolden
{
    private readonly byte[] _file = File.ReadAllBytes(Path.Combine(AugmentFolder.Path, "resize.safetensors"));
    private readonly JsonElement _header;
    private readonly int _dataStart;

    public ResizeGolden()
    {
        var headerLength = (int)BinaryPrimitives.ReadInt64LittleEndian(_file);
        _dataStart = 8 + headerLength;
        _header = JsonDocument.Parse(_file.AsMemory(8, headerLength)).RootElement;
        Document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AugmentFolder.Path, "resize.json"))).RootElement;
    }

    public JsonElement Document { get; }

    /// <summary>All that was recorded: at least one case.</summary>
    public IReadOnlyList<JsonElement> Cases
    {
        get
        {
            var cases = Document.GetProperty("cases").EnumerateArray().ToList();
            Assert.NotEmpty(cases);
            return cases;
        }
    }

    /// <summary>A tensor [3, H, W] of bytes.</summary>
    public (byte[] Planar, int Height, int Width) Tensor(string name)
    {
        var entry = _header.GetProperty(name);
        var shape = entry.GetProperty("shape");
        var offsets = entry.GetProperty("data_offsets");
        var planar = _file[(_dataStart + offsets[0].GetInt32())..(_dataStart + offsets[1].GetInt32())];
        return (planar, shape[1].GetInt32(), shape[2].GetInt32());
    }

    /// <summary>A photograph, or an input tensor, that a case starts from.</summary>
    public RgbImage Source(string name)
    {
        if (!name.StartsWith("in.", StringComparison.Ordinal))
        {
            return ImageDecoder.Decode(File.ReadAllBytes(AugmentFolder.Photo(name)), name);
        }
        var (planar, height, width) = Tensor(name);
        return TestImages.FromPlanar(planar, width, height);
    }
}

using System.Text.Json;
using MsVit.MLNet;
using TorchSharp;

namespace MsVit.Tests.Golden;

/// <summary>One golden case: the recorded tensors and what the JSON beside them says.</summary>
internal sealed class GoldenCase : IDisposable
{
    private readonly SafetensorsFile _file;
    private readonly JsonDocument _json;
    private readonly torch.Device _device;

    /// <param name="label">The case, as <see cref="GoldenFolder.Cases"/> lists it.</param>
    /// <param name="device">Where its tensors are wanted; on the CPU by default.</param>
    public GoldenCase(string label, torch.Device? device = null)
    {
        _device = device ?? torch.CPU;
        var path = GoldenFolder.PathOf(label);
        _json = JsonDocument.Parse(File.ReadAllBytes(path + ".json"));
        _file = SafetensorsReader.Read(path + ".safetensors");
    }

    public JsonElement Json => _json.RootElement;

    public torch.Tensor this[string name] => There(_file.Tensors[name]);

    /// <summary>The tensors whose names begin with a prefix, by the rest of the name.</summary>
    public IReadOnlyDictionary<string, torch.Tensor> Under(string prefix) => _file.Tensors
        .Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(pair => pair.Key[prefix.Length..], pair => There(pair.Value));

    private torch.Tensor There(torch.Tensor recorded) => _device.type == DeviceType.CPU ? recorded : recorded.to(_device);

    public void Dispose()
    {
        _file.Dispose();
        _json.Dispose();
    }
}

using System.Text;
using MsVit.MLNet;
using MsVit.Tests.Golden;
using TorchSharp;

namespace MsVit.Tests.Interop;

public sealed class SafetensorsTests
{
    [Fact]
    public void What_is_written_is_read_back_in_every_type_and_layout()
    {
        using var scope = torch.NewDisposeScope();
        var numbers = torch.arange(-6, 6).reshape(3, 4);
        var tensors = SafetensorsType.All.ToDictionary(type => $"as {type.Name}", type => numbers.to_type(type.Torch));
        tensors["scalar"] = torch.tensor(0.1f);
        tensors["empty"] = torch.empty(0, 5);
        tensors["transposed"] = numbers.to_type(torch.float32).transpose(0, 1);
        tensors["ungültig \" \\ 名前"] = torch.ones(1).requires_grad_();

        using var read = Read(Write(tensors, new() { ["who"] = "tests", ["quote"] = "\"" }));
        Assert.Equal(tensors.Keys.Order(), read.Tensors.Keys.Order());
        foreach (var (name, tensor) in tensors)
        {
            Assert.Equal(tensor.dtype, read.Tensors[name].dtype);
            Close.Equal(tensor, read.Tensors[name], name);
        }
        Assert.Equal("tests", read.Metadata["who"]);
        Assert.Equal("\"", read.Metadata["quote"]);
    }

    [Fact]
    public void A_stream_that_cannot_seek_is_read_to_its_end()
    {
        using var scope = torch.NewDisposeScope();
        var tensor = torch.randn(1000, 700);
        using var stream = new OneWayStream(Write(new() { ["large"] = tensor, ["none"] = torch.empty(0) }));
        using var read = SafetensorsReader.Read(stream, "a zip entry");
        Close.Equal(tensor, read.Tensors["large"], "large");
    }

    [Fact]
    public void The_order_of_the_names_does_not_change_the_bytes()
    {
        using var scope = torch.NewDisposeScope();
        var (a, b, c) = (torch.ones(2), torch.tensor(3L), torch.tensor(true));
        var bytes = Write(new() { ["a"] = a, ["b"] = b, ["c"] = c });
        Assert.Equal(bytes, Write(new() { ["c"] = c, ["b"] = b, ["a"] = a }));

        var expected = """{"b":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]},"c":{"dtype":"BOOL","shape":[],"data_offsets":[16,17]}}""";
        var length = (expected.Length + 7) / 8 * 8;
        Assert.Equal(length, BitConverter.ToInt64(bytes));
        Assert.Equal(expected.PadRight(length), Encoding.UTF8.GetString(bytes, 8, length));
        Assert.Equal([3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0x80, 0x3f, 1], bytes[(8 + length)..]);
    }

    [Fact]
    public void A_type_that_the_format_lacks_is_refused_by_name()
    {
        using var scope = torch.NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => Write(new() { ["odd"] = torch.zeros(1, torch.complex64) }));
        Assert.Contains("odd", error.Message);
    }

    [Fact]
    public void Reading_and_disposing_leaves_no_tensor_behind()
    {
        using var tensor = torch.ones(3);
        var bytes = Write(new() { ["a"] = tensor });
        Read(bytes).Dispose();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Read(bytes).Dispose();
        Assert.Throws<InvalidDataException>(() => Read([.. bytes, 0]));
        Assert.Throws<InvalidDataException>(() => SafetensorsReader.Read(new OneWayStream([.. bytes, 0]), "longer"));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static byte[] Write(Dictionary<string, torch.Tensor> tensors, Dictionary<string, string>? metadata = null)
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, tensors, metadata);
        return stream.ToArray();
    }

    private static SafetensorsFile Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return SafetensorsReader.Read(stream, "written");
    }
}

using System.IO.Compression;
using System.Text;
using MsVit.MLNet;
using MsVit.Tests.Support;
using TorchSharp;

namespace MsVit.Tests.Interop.PyTorch;

public sealed class PyTorchReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = torch.NewDisposeScope();

    [Theory]
    [InlineData(null, "")]
    [InlineData("model", "")]
    [InlineData("state_dict", "module.")]
    public void A_state_dict_alone_or_in_a_checkpoint_is_read(string? under, string prefix)
    {
        var tensors = Tensors().ToDictionary(pair => prefix + pair.Key, pair => pair.Value);
        using var read = Read(TorchFile.Of(tensors, under));
        Assert.Equal(["a.weight", "b.bias", "empty", "scalar"], read.Tensors.Keys.Order());
        foreach (var (name, tensor) in tensors)
        {
            Assert.Equal(tensor.shape, read.Tensors[name[prefix.Length..]].shape);
            Assert.True(tensor.equal(read.Tensors[name[prefix.Length..]]).all().item<bool>());
        }
    }

    [Fact]
    public void Views_of_one_storage_are_read_as_they_are()
    {
        using var pickle = new MemoryStream();
        pickle.Write([0x80, 2, (byte)'}', (byte)'(']);
        TorchFile.Text(pickle, "all");
        TorchFile.Tensor(pickle, "0", [2, 3], 6);
        TorchFile.Text(pickle, "turned");
        TorchFile.Tensor(pickle, "0", [3, 2], 6, strides: [1, 3]);
        TorchFile.Text(pickle, "last");
        TorchFile.Tensor(pickle, "0", [2], 6, offset: 4);
        pickle.Write("u."u8);
        using var numbers = torch.arange(6, dtype: torch.ScalarType.Float32);
        using var read = Read(TorchFile.Zip(pickle.ToArray(), ("data/0", numbers.bytes.ToArray())));
        Assert.Equal([0f, 1, 2, 3, 4, 5], read.Tensors["all"].data<float>().ToArray());
        Assert.Equal([0f, 3, 1, 4, 2, 5], read.Tensors["turned"].data<float>().ToArray());
        Assert.Equal([4f, 5], read.Tensors["last"].data<float>().ToArray());
    }

    [Theory]
    [InlineData("cos\nsystem\nX\u0004\0\0\0true\u0085R.", "os.system")]
    [InlineData("cbuiltins\neval\nX\u0001\0\0\01\u0085R.", "builtins.eval")]
    [InlineData("cargparse\nNamespace\n)\u0081.", "torch.save(model.state_dict()")]
    [InlineData("c__builtin__\ngetattr\n.", "__builtin__.getattr")]
    [InlineData("i", "0x69")]
    [InlineData("(lp0\n.", "0x6C")]
    [InlineData("}.", "no state dict")]
    [InlineData("}}s.", "stack is empty")]
    [InlineData("}q\u0001h\u0002.", "recalls 2")]
    [InlineData("}", "byte 3")]
    public void What_no_state_dict_needs_is_refused_and_never_run(string program, string reason)
    {
        var e = Assert.Throws<InvalidDataException>(() => Read(TorchFile.Zip([0x80, 2, .. Encoding.Latin1.GetBytes(program)])));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new long[] { 4 }, new long[] { 1 }, 3, "does not lie in its storage")]
    [InlineData(new long[] { 1000000 }, new long[] { 0 }, 0, "does not lie in its storage")]
    [InlineData(new long[] { 2 }, new long[] { -1 }, 1, "0 or more")]
    [InlineData(new[] { 1L << 40, 1L << 40 }, new[] { 1L << 40, 1L << 40 }, 0, "does not lie in its storage")]
    public void A_tensor_that_does_not_lie_in_its_storage_is_refused(long[] sizes, long[] strides, long offset, string reason)
    {
        using var pickle = new MemoryStream();
        pickle.Write([0x80, 2, (byte)'}']);
        TorchFile.Text(pickle, "w");
        TorchFile.Tensor(pickle, "0", sizes, 6, strides, offset);
        pickle.Write("s."u8);
        var e = Assert.Throws<InvalidDataException>(() => Read(TorchFile.Zip(pickle.ToArray(), ("data/0", new byte[24]))));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_form_before_PyTorch_1_6_and_packed_entries_are_refused_in_words()
    {
        Assert.Contains("torch.save(torch.load", Assert.Throws<InvalidDataException>(() => Read([0x80, 2, 0x8A, 10])).Message,
            StringComparison.Ordinal);

        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("archive/data.pkl", CompressionLevel.SmallestSize).Open();
            entry.Write(new byte[60 << 20]);
        }
        Assert.Contains("packed into", Assert.Throws<InvalidDataException>(() => Read(file.ToArray())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_damaged_files_are_read_or_refused_and_nothing_else()
    {
        var whole = TorchFile.Of(Tensors(), "model");
        var random = new Random(1);
        var refused = 0;
        for (var i = 0; i < 1_000; i++)
        {
            var bytes = i % 4 == 0 ? whole[..random.Next(whole.Length)] : whole.ToArray();
            for (var k = random.Next(1, 4); k > 0 && bytes.Length > 0; k--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }
            try
            {
                using var read = Read(bytes);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 500, 1_000);
    }

    [PythonModuleFact("torch")]
    public void What_PyTorch_itself_wrote_is_read()
    {
        var path = Path.Combine(_folder.Path, "real.pth");
        PythonModuleFactAttribute.Run($$"""
            import torch, torch.nn as nn
            torch.manual_seed(1)
            m = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 2))
            s = m.state_dict()
            s['half'] = torch.arange(6).half().reshape(2, 3).t()
            s['parameter'] = nn.Parameter(torch.ones(2))
            torch.save({'model': s, 'epoch': 3, 'lr': 0.5, 'optimizer': torch.optim.AdamW(m.parameters()).state_dict()}, '{{path}}')
            """);
        using var read = PyTorchReader.Read(path);
        Assert.Equal(["0.bias", "0.weight", "1.bias", "1.num_batches_tracked", "1.running_mean", "1.running_var", "1.weight", "2.bias",
            "2.weight", "half", "parameter"], read.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([4L, 3, 3, 3], read.Tensors["0.weight"].shape);
        using var half = read.Tensors["half"].to(torch.ScalarType.Float32);
        Assert.Equal([0f, 3, 1, 4, 2, 5], half.data<float>().ToArray());
        Assert.Equal(torch.ScalarType.Int64, read.Tensors["1.num_batches_tracked"].dtype);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    private static Dictionary<string, torch.Tensor> Tensors() => new()
    {
        ["a.weight"] = torch.arange(24, dtype: torch.ScalarType.Float32).reshape(2, 3, 4),
        ["b.bias"] = torch.tensor(new[] { 1.5f, -2 }),
        ["empty"] = torch.empty([0, 3]),
        ["scalar"] = torch.tensor(7f),
    };

    private static SafetensorsFile Read(byte[] bytes) => PyTorchReader.Read(new MemoryStream(bytes), "test.pth");
}

using System.Buffers.Binary;
using System.Text;
using MsVit.MLNet;
using TorchSharp;

namespace MsVit.Tests.Interop;

public sealed class SafetensorsHostileTests
{
    [Theory]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "w")]
    [InlineData("""{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "takes 12 bytes")]
    [InlineData("""{"w":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}}""", "takes 16 bytes")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", "not before it")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", "data_offsets [0]")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", "without gap or overlap")]
    [InlineData("""{"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "without gap or overlap")]
    [InlineData("""{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", "but 8 are there")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "but 8 are there")]
    [InlineData("""{"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "-2")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}""", "1.5")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", "-8")]
    [InlineData("""{"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}""", "too large")]
    [InlineData("""{"w":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807,9223372036854775807],"data_offsets":[0,8]}}""", "too large")]
    [InlineData("""{"w":{"dtype":"F32","shape":[0,9223372036854775807],"data_offsets":[0,0]}}""", "too large")]
    [InlineData("""{"w":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}""", "99999999999999999999")]
    [InlineData("""{"w":{"dtype":"F7","shape":[2],"data_offsets":[0,8]}}""", "F7")]
    [InlineData("""{"w":{"dtype":4,"shape":[2],"data_offsets":[0,8]}}""", "dtype")]
    [InlineData("""{"w":{"shape":[2],"data_offsets":[0,8]}}""", "dtype")]
    [InlineData("""{"w":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""", "shape")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]}}""", "at most 16")]
    [InlineData("""{"w":[1,2]}""", "w")]
    [InlineData("""{"__metadata__":{"a":1}}""", "must be a string")]
    [InlineData("""{"__metadata__":"a"}""", "must be an object")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "not Unicode")]
    [InlineData("""[1]""", "JSON object")]
    [InlineData("""{"w":""", "not valid JSON")]
    [InlineData("""[[[[[[[[[[[[1]]]]]]]]]]]]""", "not valid JSON")]
    public void A_false_header_is_refused_in_words_that_name_the_source(string header, string expected)
    {
        var bytes = File(Encoding.UTF8.GetBytes(header), new byte[8]);
        var error = Assert.Throws<InvalidDataException>(() => Read(bytes));
        Assert.StartsWith("hostile.safetensors", error.Message);
        Assert.Contains(expected, error.Message);
        Assert.Throws<InvalidDataException>(() => SafetensorsReader.Read(new OneWayStream(bytes), "hostile.safetensors"));
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(100UL)]
    public void A_header_longer_than_the_file_is_refused_before_memory_is_taken(ulong length)
    {
        var bytes = new byte[20];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        Assert.Contains("at byte 0", Assert.Throws<InvalidDataException>(() => Read(bytes)).Message);
    }

    [Fact]
    public void A_tensor_larger_than_a_stream_of_unknown_length_takes_no_memory()
    {
        var header = """{"w":{"dtype":"U8","shape":[2000000000],"data_offsets":[0,2000000000]}}""";
        using var stream = new OneWayStream(File(Encoding.UTF8.GetBytes(header), new byte[8]));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<InvalidDataException>(() => SafetensorsReader.Read(stream, "short"));
        Assert.Contains("'w'", error.Message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 16 << 20);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void A_file_too_short_for_its_first_number_is_refused(int length) =>
        Assert.Contains($"{length} bytes", Assert.Throws<InvalidDataException>(() => Read(new byte[length])).Message);

    [Fact]
    public void A_header_that_is_not_text_and_a_truth_value_of_two_are_refused()
    {
        Assert.Contains("UTF-8", Assert.Throws<InvalidDataException>(() => Read(File([(byte)'{', 0xff, (byte)'}'], []))).Message);
        var flag = File("""{"b":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}"""u8.ToArray(), [1, 2]);
        Assert.Contains("a BOOL is 0 or 1", Assert.Throws<InvalidDataException>(() => Read(flag)).Message);
    }

    [Fact]
    public void A_damaged_file_is_read_or_refused_but_never_fails_otherwise()
    {
        using var scope = torch.NewDisposeScope();
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(
            stream,
            new Dictionary<string, torch.Tensor> { ["a.weight"] = torch.randn(3, 4), ["b"] = torch.tensor(7L), ["c"] = torch.tensor(true) },
            new Dictionary<string, string> { ["k"] = "v" });
        var intact = stream.ToArray();
        var random = new Random(1);
        var refused = 0;
        for (var round = 0; round < 3000; round++)
        {
            var bytes = intact.ToArray();
            for (var damage = random.Next(1, 4); damage > 0; damage--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }
            var length = random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length;
            try
            {
                Read(bytes[..length]).Dispose();
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 1500, 2999);
    }

    private static byte[] File(byte[] header, byte[] data)
    {
        var prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        return [.. prefix, .. header, .. data];
    }

    private static SafetensorsFile Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return SafetensorsReader.Read(stream, "hostile.safetensors");
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using MsVit.Samples.WebApi;
using MsVit.Tests.Support;

namespace MsVit.Tests.Samples;

public sealed class WebApiTests(RunningWebApi api) : IClassFixture<RunningWebApi>
{
    private const int Mutations = 1_000;

    [Fact]
    public async Task An_image_is_classified_as_the_body_and_as_the_file_of_a_form()
    {
        using var raw = await Post("predict?top=2", api.Dots.Images[0], "image/png");
        var first = await raw.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(api.Dots.Expected[0].Max(), first.GetProperty("probability").GetSingle(), 1e-5f);
        Assert.Equal(2, first.GetProperty("top").GetArrayLength());

        using var form = new MultipartFormDataContent { { new ByteArrayContent(api.Dots.Images[0]), "file", "dot.png" } };
        using var answer = await api.Client.PostAsync(new Uri("predict", UriKind.Relative), form);
        var second = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(first.GetProperty("label").GetString(), second.GetProperty("label").GetString());
    }

    [Fact]
    public async Task Model_health_metrics_and_description_are_there()
    {
        var model = await api.Client.GetFromJsonAsync<JsonElement>("model");
        Assert.Equal("Still", model.GetProperty("input").GetString());
        Assert.Equal("Healthy", await api.Client.GetStringAsync("health/live"));
        Assert.Equal("Healthy", await api.Client.GetStringAsync("health/ready"));
        using var _ = await Post("predict", api.Dots.Images[0], "image/png");
        Assert.Contains("msvit_prediction_duration_seconds_count", await api.Client.GetStringAsync("metrics"), StringComparison.Ordinal);
        var description = await api.Client.GetFromJsonAsync<JsonElement>("openapi/v1.json");
        Assert.All(["/model", "/predict", "/predict/clip"], path => Assert.True(
            description.GetProperty("paths").TryGetProperty(path, out var _)));
        Assert.Contains("<title>MsVit</title>", await api.Client.GetStringAsync(""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("predict?top=0", "application/octet-stream", HttpStatusCode.BadRequest, "top is 0")]
    [InlineData("predict?top=many", "application/octet-stream", HttpStatusCode.BadRequest, "top")]
    [InlineData("predict", "text/plain", HttpStatusCode.UnsupportedMediaType, "")]
    [InlineData("predict", "image/png", HttpStatusCode.BadRequest, "begin with 6E6F7420")]
    [InlineData("predict", "multipart/form-data; boundary=x", HttpStatusCode.BadRequest, "form")]
    [InlineData("predict/clip", "application/octet-stream", HttpStatusCode.BadRequest, "takes images")]
    [InlineData("nothing", "image/png", HttpStatusCode.NotFound, "")]
    public async Task What_cannot_be_answered_is_a_problem_that_says_why(string path, string type, HttpStatusCode status, string reason)
    {
        using var answer = await Post(path, "not an image"u8.ToArray(), type);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Contains(reason, problem.TryGetProperty("detail", out var detail) ? detail.GetString() : "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_mutated_images_are_answered_or_refused_and_the_server_goes_on()
    {
        var random = new Random(1);
        var statuses = new Dictionary<HttpStatusCode, int>();
        foreach (var some in Enumerable.Range(0, Mutations).Chunk(16))
        {
            var answers = await Task.WhenAll(some.Select(i => Post(
                "predict", Mutate(api.Dots.Images[i % api.Dots.Images.Count], random), "image/png")).ToArray());
            foreach (var answer in answers)
            {
                statuses[answer.StatusCode] = statuses.GetValueOrDefault(answer.StatusCode) + 1;
                answer.Dispose();
            }
        }
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.BadRequest], statuses.Keys.Order());
        Assert.Equal(Mutations, statuses.Values.Sum());
        using var good = await Post("predict", api.Dots.Images[0], "image/png");
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
    }

    [Fact]
    public async Task An_image_of_too_many_pixels_is_refused_before_it_is_decoded()
    {
        // All black: 50 MB of pixels at a bit each, and as RGBA in memory 1.6 GB, in under a megabyte.
        var bomb = PngWriter.Write(20_000, 20_000, PngWriter.Gray, 1, new byte[2_500 * 20_000]);
        Assert.InRange(bomb.Length, 0, 1_000_000);
        using var answer = await Post("predict", bomb, "image/png");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("400000000 pixels", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drawing_of_one_color_is_refused_and_an_uploaded_image_of_one_color_is_not()
    {
        var blank = PngWriter.Write(64, 64, PngWriter.Rgb, 8, [.. Enumerable.Repeat((byte)255, 64 * 64 * 3)]);
        var dotted = (byte[])[.. Enumerable.Repeat((byte)255, 64 * 64 * 3)];
        dotted[3 * ((30 * 64) + 30)] = 0;
        using var refused = await Post("predict?drawing=true", blank, "image/png");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        Assert.Contains("Nothing was drawn", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var uploaded = await Post("predict", blank, "image/png");
        Assert.Equal(HttpStatusCode.OK, uploaded.StatusCode);
        using var drawn = await Post("predict?drawing=true", PngWriter.Write(64, 64, PngWriter.Rgb, 8, dotted), "image/png");
        Assert.Equal(HttpStatusCode.OK, drawn.StatusCode);
        using var damaged = await Post("predict?drawing=true", blank[..60], "image/png");
        Assert.Equal(HttpStatusCode.BadRequest, damaged.StatusCode);
        using var empty = await Post("predict?drawing=true", [], "image/png");
        Assert.Equal(HttpStatusCode.BadRequest, empty.StatusCode);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_a_problem_that_says_the_limit()
    {
        var answer = await Send("POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: "
            + $"{WebApi.MaxBody + 1}\r\n\r\n");
        Assert.Contains(" 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        Assert.Contains($"{WebApi.MaxBody} bytes", answer, StringComparison.Ordinal);
        var model = await api.Client.GetFromJsonAsync<JsonElement>("model");
        Assert.Equal(WebApi.MaxBody, model.GetProperty("maxBytes").GetInt32());
    }

    [Fact]
    public async Task Bodies_and_headers_beyond_the_limits_are_refused()
    {
        Assert.Contains(" 413 ", await Send($"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: "
            + $"{(16 << 20) + 1}\r\n\r\n"), StringComparison.Ordinal);
        Assert.Contains(" 431 ", await Send($"GET /model HTTP/1.1\r\nHost: x\r\nX-Long: {new string('a', 100_000)}\r\n\r\n"),
            StringComparison.Ordinal);
        Assert.Contains(" 400 ", await Send("GET /model HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_does_not_come_is_given_up()
    {
        var answer = await Send("POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 1000\r\n\r\nabc");
        Assert.Contains(" 408 ", answer, StringComparison.Ordinal);
    }

    private static byte[] Mutate(byte[] image, Random random)
    {
        var bytes = image[..random.Next(1, image.Length + 1)];
        for (var i = random.Next(4); i > 0; i--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }
        return bytes;
    }

    private Task<HttpResponseMessage> Post(string path, byte[] body, string type)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return api.Client.PostAsync(new Uri(path, UriKind.Relative), content);
    }

    // What the server answers to these bytes, to the end of the connection.
    private async Task<string> Send(string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(api.Address.Host, api.Address.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer) is > 0 and var read)
            {
                answer.Append(Encoding.ASCII.GetString(buffer, 0, read));
            }
        }
        catch (IOException) when (answer.Length > 0)
        {
            // The server closes the connection with bytes unread, which resets it.
        }
        return answer.ToString();
    }
}

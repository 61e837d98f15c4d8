package dev.lathe.service.rest;

import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import dev.lathe.service.problem.Problem;
import dev.lathe.service.search.Searches;
import dev.lathe.service.search.TableShelf;
import dev.lathe.service.store.RecordedTableRow;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** Tables of recorded measurements, which can be searched as spaces. */
@Path("/api/v1/tables")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class TableResource {
  private final TableShelf tables;
  private final Searches searches;

  TableResource(TableShelf tables, Searches searches) {
    this.tables = tables;
    this.searches = searches;
  }

  /**
   * A table.
   *
   * @param metrics as a request names them; {@code latency@DEVICE} where a column is the latency on
   *     a device
   */
  public record TableView(String name, int rows, int genes, List<String> metrics, String sha256) {
    static TableView of(RecordedTableRow row) {
      return new TableView(row.name, row.rowCount, row.geneCount, row.metrics, row.sha256);
    }
  }

  /** All tables. */
  @GET
  @Requires(Scope.VIEWER)
  public List<TableView> list() {
    return tables.all().stream().map(TableView::of).toList();
  }

  /**
   * Stores a table, in place of one of the same name: CSV, plain or gzipped, with columns {@code
   * gene:NAME} and {@code metric:NAME_UNIT}.
   */
  @PUT
  @Path("{name}")
  @Consumes({"text/csv", "application/gzip", "application/octet-stream"})
  @Requires(Scope.OPERATOR)
  public TableView put(@RestPath String name, byte @Nullable [] csv) {
    return TableView.of(tables.add(name, csv == null ? new byte[0] : csv));
  }

  /** Removes a table that no run works on. */
  @DELETE
  @Path("{name}")
  @Requires(Scope.OPERATOR)
  public void remove(@RestPath String name) {
    searches.requireUnused("table '%s'".formatted(name), "\"%s\"".formatted(name));
    if (!tables.remove(name)) {
      throw Problem.notFound("there is no table '%s'.".formatted(name));
    }
  }
}

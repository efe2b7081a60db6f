// SPDX-License-Identifier: Apache-2.0
// The list of the dashboard's files, as they lie in `Resources`.

struct PageFile: Sendable {
    /// Below `Resources`; an asset's address ends with it.
    let path: String
    let bytes: [UInt8]

    init(_ path: String, _ bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    var isTemplate: Bool { self.path.hasSuffix(".mustache") }

    /// A template is known by its file's name without the ending.
    var templateName: String {
        String((self.path.split(separator: "/").last ?? "").dropLast(".mustache".count))
    }

    /// The media type of an asset; `nil` of a template.
    var type: String? {
        switch self.path.split(separator: ".").last {
        case "js": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "svg": "image/svg+xml"
        default: nil
        }
    }

    static let icon = "icon.svg"

    static let all = [
        PageFile("icon.svg", PackageResources.icon_svg),
        PageFile("data/alerts.js", PackageResources.alerts_js),
        PageFile("data/api.js", PackageResources.api_js),
        PageFile("data/clock.js", PackageResources.clock_js),
        PageFile("data/convention.js", PackageResources.convention_js),
        PageFile("data/format.js", PackageResources.format_js),
        PageFile("data/frame-batch.js", PackageResources.frame_batch_js),
        PageFile("data/frame-checksum.js", PackageResources.frame_checksum_js),
        PageFile("data/frame-reader.js", PackageResources.frame_reader_js),
        PageFile("data/frame.js", PackageResources.frame_js),
        PageFile("data/history.js", PackageResources.history_js),
        PageFile("data/instruments.js", PackageResources.instruments_js),
        PageFile("data/limits.js", PackageResources.limits_js),
        PageFile("data/link.js", PackageResources.link_js),
        PageFile("data/orders.js", PackageResources.orders_js),
        PageFile("data/parts.js", PackageResources.parts_js),
        PageFile("data/place.js", PackageResources.place_js),
        PageFile("data/settings.js", PackageResources.settings_js),
        PageFile("data/standing.js", PackageResources.standing_js),
        PageFile("data/store.js", PackageResources.store_js),
        PageFile("data/stream-worker.js", PackageResources.stream_worker_js),
        PageFile("data/stream.js", PackageResources.stream_js),
        PageFile("data/table.js", PackageResources.table_js),
        PageFile("data/window.js", PackageResources.window_js),
        PageFile("elements/alert-feed.js", PackageResources.alert_feed_js),
        PageFile("elements/back-test.js", PackageResources.back_test_js),
        PageFile("elements/cell-writer.js", PackageResources.cell_writer_js),
        PageFile("elements/close-position.js", PackageResources.close_position_js),
        PageFile("elements/component-bars.js", PackageResources.component_bars_js),
        PageFile("elements/connection-light.js", PackageResources.connection_light_js),
        PageFile("elements/data-grid.js", PackageResources.data_grid_js),
        PageFile("elements/drawing.js", PackageResources.drawing_js),
        PageFile("elements/firm-accounts.js", PackageResources.firm_accounts_js),
        PageFile("elements/greeks-grid.js", PackageResources.greeks_grid_js),
        PageFile("elements/grid-keys.js", PackageResources.grid_keys_js),
        PageFile("elements/grid-order.js", PackageResources.grid_order_js),
        PageFile("elements/grid-row.js", PackageResources.grid_row_js),
        PageFile("elements/headline-cards.js", PackageResources.headline_cards_js),
        PageFile("elements/history-chart.js", PackageResources.history_chart_js),
        PageFile("elements/history-view.js", PackageResources.history_view_js),
        PageFile("elements/hold-button.js", PackageResources.hold_button_js),
        PageFile("elements/keys-dialog.js", PackageResources.keys_dialog_js),
        PageFile("elements/keys.js", PackageResources.keys_js),
        PageFile("elements/kill-switch.js", PackageResources.kill_switch_js),
        PageFile("elements/limit-bars.js", PackageResources.limit_bars_js),
        PageFile("elements/live-panel.js", PackageResources.live_panel_js),
        PageFile("elements/margin-gauge.js", PackageResources.margin_gauge_js),
        PageFile("elements/messages.js", PackageResources.messages_js),
        PageFile("elements/order-blotter.js", PackageResources.order_blotter_js),
        PageFile("elements/order-csv.js", PackageResources.order_csv_js),
        PageFile("elements/order-form.js", PackageResources.order_form_js),
        PageFile("elements/order-grid.js", PackageResources.order_grid_js),
        PageFile("elements/order-ticket.js", PackageResources.order_ticket_js),
        PageFile("elements/page-meters.js", PackageResources.page_meters_js),
        PageFile("elements/page-summary.js", PackageResources.page_summary_js),
        PageFile("elements/parts-grid.js", PackageResources.parts_grid_js),
        PageFile("elements/pnl-histogram.js", PackageResources.pnl_histogram_js),
        PageFile("elements/portfolio-grid.js", PackageResources.portfolio_grid_js),
        PageFile("elements/replace-form.js", PackageResources.replace_form_js),
        PageFile("elements/reverse-stress.js", PackageResources.reverse_stress_js),
        PageFile("elements/risk-models.js", PackageResources.risk_models_js),
        PageFile("elements/risk-panel.js", PackageResources.risk_panel_js),
        PageFile("elements/sector-bars.js", PackageResources.sector_bars_js),
        PageFile("elements/store-source.js", PackageResources.store_source_js),
        PageFile("elements/stress-grid.js", PackageResources.stress_grid_js),
        PageFile("elements/stress-table.js", PackageResources.stress_table_js),
        PageFile("elements/symbol-suggestions.js", PackageResources.symbol_suggestions_js),
        PageFile("elements/ticket-cells.js", PackageResources.ticket_cells_js),
        PageFile("elements/ticket-gate.js", PackageResources.ticket_gate_js),
        PageFile("elements/ticket-preview.js", PackageResources.ticket_preview_js),
        PageFile("elements/view-layout.js", PackageResources.view_layout_js),
        PageFile("elements/watch-list.js", PackageResources.watch_list_js),
        PageFile("elements/what-if-book.js", PackageResources.what_if_book_js),
        PageFile("elements/worst-scenarios.js", PackageResources.worst_scenarios_js),
        PageFile("pages/app.js", PackageResources.app_js),
        PageFile("pages/bar.mustache", PackageResources.bar_mustache),
        PageFile("pages/blotter.mustache", PackageResources.blotter_mustache),
        PageFile("pages/fault.mustache", PackageResources.fault_mustache),
        PageFile("pages/firm.mustache", PackageResources.firm_mustache),
        PageFile("pages/history.mustache", PackageResources.history_mustache),
        PageFile("pages/kill-switch.mustache", PackageResources.kill_switch_mustache),
        PageFile("pages/page.mustache", PackageResources.page_mustache),
        PageFile("pages/palette.js", PackageResources.palette_js),
        PageFile("pages/parts.mustache", PackageResources.parts_mustache),
        PageFile("pages/portfolio.mustache", PackageResources.portfolio_mustache),
        PageFile("pages/risk-view.js", PackageResources.risk_view_js),
        PageFile("pages/risk.mustache", PackageResources.risk_mustache),
        PageFile("pages/sign-in.js", PackageResources.sign_in_js),
        PageFile("pages/sign-in.mustache", PackageResources.sign_in_mustache),
        PageFile("pages/ticket.mustache", PackageResources.ticket_mustache),
        PageFile("pages/trade.mustache", PackageResources.trade_mustache),
        PageFile("pages/watchlist.mustache", PackageResources.watchlist_mustache),
        PageFile("styles/bar.css", PackageResources.bar_css),
        PageFile("styles/frame.css", PackageResources.frame_css),
        PageFile("styles/grid.css", PackageResources.grid_css),
        PageFile("styles/history.css", PackageResources.history_css),
        PageFile("styles/orders.css", PackageResources.orders_css),
        PageFile("styles/portfolio.css", PackageResources.portfolio_css),
        PageFile("styles/risk.css", PackageResources.risk_css),
        PageFile("styles/sign-in.css", PackageResources.sign_in_css),
        PageFile("styles/tokens.css", PackageResources.tokens_css),
        PageFile("styles/trade.css", PackageResources.trade_css),
        PageFile("vendor/dygraph.min.js", PackageResources.dygraph_min_js),
    ]
}
